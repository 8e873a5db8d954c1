import { useSignal } from '@preact/signals'
import { ApiError } from '#client/core.ts'
import { requestPasswordReset, resetPassword } from '../api/account.ts'
import { forget } from '../api/session.ts'
import { t } from '../i18n/index.ts'
import { Button, Notice } from '../ui/controls.tsx'
import { AccountField } from './account-field.tsx'
import { MailForm } from './mail-form.tsx'
import { useForm } from './use-form.tsx'

/** Behind the link of a password e-mail. */
export function ResetView({ token }: { token: string }) {
  const isDone = useSignal(false)
  const isInvalid = useSignal(false)
  const form = useForm(
    { new_password: '' },
    {
      check: ({ new_password: next }) =>
        next.length < 8 ? { new_password: next ? 'field.passwordShort' : 'field.required' } : {},
      async send({ new_password }) {
        try {
          await resetPassword({ token, new_password })
          // All sessions of the account have ended.
          forget()
          isDone.value = true
        } catch (error) {
          isInvalid.value =
            error instanceof ApiError &&
            (error.status === 403 || error.errors.some(({ path }) => path === 'token'))
          if (!isInvalid.value) throw error
        }
      },
    },
  )
  return (
    <div class="card account narrow">
      <h1>{t('reset.title')}</h1>
      {isDone.value ? (
        <>
          <Notice kind="info">{t('reset.done')}</Notice>
          <a class="button primary" href="#/">
            {t('account.logIn')}
          </a>
        </>
      ) : isInvalid.value ? (
        <>
          <Notice>{t('mail.linkInvalid')}</Notice>
          <MailForm label={t('forgot.send')} send={requestPasswordReset} />
        </>
      ) : (
        <form class="fields" ref={form.ref} onSubmit={form.submit} noValidate>
          {form.notice}
          <AccountField
            {...form.field('new_password')}
            label={t('settings.newPassword')}
            type="password"
            autocomplete="new-password"
            hint={t('account.passwordHint')}
          />
          <Button type="submit" kind="primary" disabled={form.isBusy.value}>
            {t('reset.set')}
          </Button>
        </form>
      )}
    </div>
  )
}
