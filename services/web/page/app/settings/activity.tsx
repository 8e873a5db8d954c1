import { useSignal } from '@preact/signals'
import type { AuditEvent } from '#shared/contract/accounts/audit.ts'
import { listAudit } from '../api/account.ts'
import { formatDate, isText, t } from '../i18n/index.ts'
import { Button } from '../ui/controls.tsx'
import { useRemote } from '../ui/use-remote.ts'
import { deviceName } from './device-name.ts'
import { Loaded, Panel } from './panel.tsx'

/** What was done with the account, the newest first. */
export function Activity() {
  const nextPage = useSignal<string | null>(null)
  const events = useRemote<AuditEvent[]>(async () => {
    const page = await listAudit()
    nextPage.value = page.next_page
    return page.events
  })
  const isLoading = useSignal(false)
  async function more(after: string) {
    isLoading.value = true
    const page = await events.attempt(() => listAudit(after))
    if (page) {
      events.value.value = [...(events.value.value ?? []), ...page.events]
      nextPage.value = page.next_page
    }
    isLoading.value = false
  }
  const { value: next } = nextPage
  return (
    <Panel title={t('settings.activity')} text={t('activity.text')}>
      <Loaded remote={events}>
        {(list) => (
          <ol class="rows">
            {list.map((event) => (
              <EventRow key={event.id} event={event} />
            ))}
          </ol>
        )}
      </Loaded>
      {next && (
        <div class="more">
          <Button onClick={() => more(next)} disabled={isLoading.value}>
            {t(isLoading.value ? 'tasks.loading' : 'tasks.more')}
          </Button>
        </div>
      )}
    </Panel>
  )
}

function EventRow({ event: { action, at, address, user_agent, key_id } }: { event: AuditEvent }) {
  const name = `audit.${action}`
  const origin = [address, key_id ? t('activity.byKey') : deviceName(user_agent)]
  return (
    <li class="row">
      <span class="row-name">
        <strong class={action === 'login.failed' || action === 'session.reused' ? 'alarming' : ''}>
          {isText(name) ? t(name) : action}
        </strong>
        <span class="hint">{origin.filter(Boolean).join(' · ')}</span>
      </span>
      <time class="muted numbers" dateTime={at}>
        {formatDate(at)}
      </time>
    </li>
  )
}
