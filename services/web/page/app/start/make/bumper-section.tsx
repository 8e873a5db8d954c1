import { useSignal } from '@preact/signals'
import type { BumperChoice } from '../../edit/choices.ts'
import { t } from '../../i18n/index.ts'
import { Select } from '../../ui/controls.tsx'
import type { Asset } from '../asset.ts'
import { choose } from '../edits.ts'
import { choices } from '../work.ts'
import { AssetField } from './asset-field.tsx'
import { NumberField, Section } from './fields.tsx'

type End = 'intro' | 'outro'

/** What comes before and after: the logo, an image, or a clip. Parts cannot have clips. */
export function BumperSection() {
  const { intro, outro } = choices.value
  const value = [intro && t('make.intro'), outro && t('make.outro')].filter(Boolean).join(' · ')
  return (
    <Section title={t('make.bumpers')} value={value || t('make.none')}>
      <BumperField end="intro" />
      <BumperField end="outro" />
    </Section>
  )
}

function BumperField({ end }: { end: End }) {
  const { [end]: bumper, split } = choices.value
  /** Chosen, but without a file yet. */
  const wanted = useSignal<'image' | 'clip' | undefined>(undefined)
  const kind = wanted.value ?? bumper?.kind ?? 'none'
  const set = (choice: BumperChoice<Asset> | undefined) => choose({ [end]: choice })

  function choseKind(next: typeof kind) {
    wanted.value = next === 'image' || next === 'clip' ? next : undefined
    if (next === 'none') set(undefined)
    if (next === 'logo') set({ kind: 'logo', seconds: bumper?.seconds ?? 1 })
  }

  return (
    <div class="bumper">
      <div class="choices">
        <Select
          label={t(end === 'intro' ? 'make.intro' : 'make.outro')}
          value={kind}
          options={[
            ['none', t('make.none')],
            ['logo', t('make.bumperLogo')],
            ['image', t('make.bumperImage')],
            ...(split === undefined || kind === 'clip' ? [['clip', t('make.bumperClip')] as const] : []),
          ]}
          onChange={choseKind}
        />
        {bumper && !wanted.value && (
          <NumberField
            label={t(bumper.kind === 'clip' ? 'make.bumperMost' : 'make.seconds')}
            value={bumper.seconds}
            min={0.1}
            max={30}
            step={0.1}
            onChange={(seconds) => set({ ...bumper, seconds })}
          />
        )}
      </div>
      {(kind === 'image' || kind === 'clip') && (
        <AssetField
          key={kind}
          kind={kind}
          asset={bumper && bumper.kind === kind ? bumper.asset : undefined}
          onChange={(asset) => {
            wanted.value = undefined
            set({ kind, seconds: bumper?.seconds ?? (kind === 'clip' ? 5 : 2), asset })
          }}
        />
      )}
      {kind === 'clip' && split !== undefined && <p class="field-error">{t('make.bumperNoClip')}</p>}
    </div>
  )
}
