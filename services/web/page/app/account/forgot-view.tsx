import { requestPasswordReset } from '../api/account.ts'
import { t } from '../i18n/index.ts'
import { MailForm } from './mail-form.tsx'

/** Asks for the e-mail with which a new password can be set. */
export const ForgotView = () => (
  <div class="card account narrow">
    <h1>{t('forgot.title')}</h1>
    <p class="muted">{t('forgot.text')}</p>
    <MailForm label={t('forgot.send')} send={requestPasswordReset} />
    <a class="text-button" href="#/">
      {t('forgot.back')}
    </a>
  </div>
)
