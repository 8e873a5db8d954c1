import type { Session } from '#shared/contract/accounts/sessions.ts'
import { endOtherSessions, endSession, listSessions } from '../api/account.ts'
import { formatDate, t } from '../i18n/index.ts'
import { Confirm } from '../ui/confirm.tsx'
import { Button } from '../ui/controls.tsx'
import { Icon } from '../ui/icons.tsx'
import { useRemote } from '../ui/use-remote.ts'
import { deviceName } from './device-name.ts'
import { Loaded, Panel } from './panel.tsx'

/** Where the account is logged in. */
export function Sessions() {
  const sessions = useRemote(listSessions)
  const end = (id: string) => sessions.act(() => endSession(id))
  return (
    <Panel title={t('settings.sessions')} text={t('sessions.text')}>
      <Loaded remote={sessions}>
        {(list) => (
          <>
            <ul class="rows">
              {list.map((session) => (
                <SessionRow key={session.id} session={session} onEnd={() => end(session.id)} />
              ))}
            </ul>
            {list.length > 1 && (
              <Confirm
                icon="logOut"
                label={t('sessions.endOthers')}
                question={t('sessions.endOthersConfirm')}
                onConfirm={() => sessions.act(endOtherSessions)}
              />
            )}
          </>
        )}
      </Loaded>
    </Panel>
  )
}

function SessionRow({
  session: { user_agent, address, created_at, last_used_at, current },
  onEnd,
}: {
  session: Session
  onEnd: () => void
}) {
  const name = deviceName(user_agent) ?? t('sessions.unknown')
  const facts = [address, t('sessions.since', { date: formatDate(created_at) })]
  return (
    <li class="row">
      <Icon name="devices" />
      <span class="row-name">
        <strong>{name}</strong>
        <span class="hint">{facts.filter(Boolean).join(' · ')}</span>
        <span class="hint">{t('settings.lastUsed', { date: formatDate(last_used_at) })}</span>
      </span>
      {current ? (
        <span class="badge succeeded">{t('sessions.current')}</span>
      ) : (
        <Button kind="quiet" label={`${t('sessions.end')}: ${name}`} onClick={onEnd}>
          {t('sessions.end')}
        </Button>
      )}
    </li>
  )
}
