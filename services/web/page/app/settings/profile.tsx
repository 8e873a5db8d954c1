import { useSignal } from '@preact/signals'
import { requestVerification } from '../api/account.ts'
import { fetchAccount } from '../api/operations.ts'
import { formatDate, t } from '../i18n/index.ts'
import { Button, Notice } from '../ui/controls.tsx'
import { useRemote } from '../ui/use-remote.ts'
import { DeleteAccount } from './delete-account.tsx'
import { ExportAccount } from './export-account.tsx'
import { Loaded, Panel } from './panel.tsx'
import { PasswordForm } from './password-form.tsx'

/** Who the account belongs to, its password, and its end. */
export function Profile() {
  const account = useRemote(fetchAccount)
  const isSent = useSignal(false)
  return (
    <>
      <Panel title={t('settings.profile')}>
        <Loaded remote={account}>
          {({ username, email, email_verified: isVerified, created_at }) => (
            <>
              <dl class="pairs">
                <dt>{t('account.username')}</dt>
                <dd>{username}</dd>
                <dt>{t('account.email')}</dt>
                <dd>
                  {email}{' '}
                  <span class={`badge ${isVerified ? 'succeeded' : ''}`}>
                    {t(isVerified ? 'settings.verified' : 'settings.unverified')}
                  </span>
                </dd>
                <dt>{t('settings.since')}</dt>
                <dd>{formatDate(created_at)}</dd>
              </dl>
              {!isVerified &&
                (isSent.value ? (
                  <Notice kind="info">{t('mail.sent', { email })}</Notice>
                ) : (
                  <Button
                    onClick={async () => {
                      isSent.value = await account.act(() => requestVerification(email))
                    }}
                  >
                    {t('settings.verify')}
                  </Button>
                ))}
            </>
          )}
        </Loaded>
      </Panel>
      <PasswordForm email={account.value.value?.email ?? ''} />
      <ExportAccount />
      <DeleteAccount />
    </>
  )
}
