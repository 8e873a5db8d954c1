import { useSignal } from '@preact/signals'
import type { ApiError } from '#client/core.ts'
import { requestVerification, verifyEmail } from '../api/account.ts'
import { apiError } from '../api/request.ts'
import { isLoggedIn } from '../api/session.ts'
import { t } from '../i18n/index.ts'
import { Button, Notice } from '../ui/controls.tsx'
import { errorText } from '../ui/error-text.ts'
import { MailForm } from './mail-form.tsx'

/** Behind the link of a verification e-mail. It waits for a click, since mail servers open links as well. */
export function VerifyView({ token }: { token: string }) {
  const email = useSignal<string | undefined>(undefined)
  const error = useSignal<ApiError | undefined>(undefined)
  async function confirm() {
    try {
      email.value = (await verifyEmail(token)).email
      error.value = undefined
    } catch (thrown) {
      error.value = apiError(thrown)
    }
  }
  const isInvalid =
    error.value && error.value.status !== undefined && error.value.code !== 'request.rate_limited'
  return (
    <div class="card account narrow">
      <h1>{t('verify.title')}</h1>
      {error.value && <Notice>{isInvalid ? t('mail.linkInvalid') : errorText(error.value)}</Notice>}
      {email.value !== undefined ? (
        <>
          <Notice kind="info">{t('verify.done', { email: email.value })}</Notice>
          <a class="button primary" href="#/">
            {t(isLoggedIn.value ? 'verify.go' : 'account.logIn')}
          </a>
        </>
      ) : isInvalid ? (
        <MailForm label={t('settings.verify')} send={requestVerification} />
      ) : (
        <>
          <p class="muted">{t('verify.text')}</p>
          <Button kind="primary" icon="check" onClick={confirm}>
            {t('verify.confirm')}
          </Button>
        </>
      )}
    </div>
  )
}
