import type { ComponentType } from 'preact'
import { t } from '../i18n/index.ts'
import { SECTIONS, type Section } from '../route.ts'
import { Icon, type IconName } from '../ui/icons.tsx'
import { Activity } from './activity.tsx'
import { Keys } from './keys.tsx'
import { Profile } from './profile.tsx'
import { Sessions } from './sessions.tsx'

const VIEWS: Record<Section, { View: ComponentType; icon: IconName }> = {
  profile: { View: Profile, icon: 'user' },
  sessions: { View: Sessions, icon: 'devices' },
  keys: { View: Keys, icon: 'key' },
  activity: { View: Activity, icon: 'clock' },
}

/** The account: who it belongs to, where it is logged in, its API keys, and what was done with it. */
export function SettingsView({ section }: { section: Section }) {
  const { View } = VIEWS[section]
  return (
    <div class="settings">
      <h1>{t('settings.title')}</h1>
      <nav aria-label={t('settings.title')}>
        {SECTIONS.map((name) => (
          <a key={name} href={`#/account/${name}`} aria-current={name === section ? 'page' : undefined}>
            <Icon name={VIEWS[name].icon} />
            {t(`settings.${name}`)}
          </a>
        ))}
      </nav>
      <div class="sections">
        <View />
      </div>
    </div>
  )
}
