import { useSignal } from '@preact/signals'
import type { ApiKey } from '#shared/contract/accounts/api-keys.ts'
import { listKeys, type NewApiKey, revokeKey } from '../api/account.ts'
import { formatDate, t } from '../i18n/index.ts'
import { Confirm } from '../ui/confirm.tsx'
import { CopyButton, Notice } from '../ui/controls.tsx'
import { Icon } from '../ui/icons.tsx'
import { useRemote } from '../ui/use-remote.ts'
import { KeyForm } from './key-form.tsx'
import { Loaded, Panel } from './panel.tsx'

/** API keys: creating, listing and revoking them. */
export function Keys() {
  const keys = useRemote(listKeys)
  const created = useSignal<NewApiKey | undefined>(undefined)
  async function revoke(id: string) {
    await keys.act(() => revokeKey(id))
    if (created.value?.id === id) created.value = undefined
  }
  return (
    <>
      <Panel title={t('keys.new')} text={t('keys.newText')}>
        {created.value && <CreatedKey apiKey={created.value} />}
        <KeyForm
          onCreated={(key) => {
            created.value = key
            keys.reload()
          }}
        />
      </Panel>
      <Panel title={t('settings.keys')}>
        <Loaded remote={keys}>
          {(list) =>
            list.length === 0 ? (
              <p class="muted">{t('keys.none')}</p>
            ) : (
              <ul class="rows">
                {list.map((key) => (
                  <KeyRow key={key.id} apiKey={key} onRevoke={() => revoke(key.id)} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </Panel>
    </>
  )
}

/** The only time that a key is shown. */
const CreatedKey = ({ apiKey: { key } }: { apiKey: NewApiKey }) => (
  <Notice kind="info">
    <div class="created-key">
      <p>{t('keys.created')}</p>
      <code class="secret">{key}</code>
      <CopyButton text={key}>{t('keys.copy')}</CopyButton>
    </div>
  </Notice>
)

function KeyRow({
  apiKey: { name, prefix, scopes, last_used_at, expires_at },
  onRevoke,
}: {
  apiKey: ApiKey
  onRevoke: () => void
}) {
  const used = last_used_at ? t('settings.lastUsed', { date: formatDate(last_used_at) }) : t('keys.neverUsed')
  const expiry = expires_at ? t('keys.expires', { date: formatDate(expires_at) }) : t('keys.noExpiry')
  return (
    <li class="row">
      <Icon name="key" />
      <span class="row-name">
        <strong>{name}</strong>
        <span class="hint">
          <code>{prefix}…</code> · {scopes.map((scope) => t(`scope.${scope}`)).join(', ')}
        </span>
        <span class="hint">
          {used} · {expiry}
        </span>
      </span>
      <Confirm
        icon="trash"
        label={t('keys.revoke')}
        question={t('keys.revokeConfirm', { name })}
        onConfirm={onRevoke}
      />
    </li>
  )
}
