import { useSignal } from '@preact/signals'
import { AccountField } from '../account/account-field.tsx'
import { useForm } from '../account/use-form.tsx'
import { changePassword } from '../api/account.ts'
import { t } from '../i18n/index.ts'
import { Button, Notice } from '../ui/controls.tsx'
import { Panel } from './panel.tsx'

/** Changes the password, for those who know the current one. */
export function PasswordForm({ email }: { email: string }) {
  const isDone = useSignal(false)
  const form = useForm(
    { current_password: '', new_password: '' },
    {
      check: ({ current_password: current, new_password: next }) => ({
        ...(current === '' && { current_password: 'field.required' }),
        ...(next.length < 8 && { new_password: next ? 'field.passwordShort' : 'field.required' }),
      }),
      fieldOfCode: { 'auth.wrong_password': 'current_password' },
      async send(values) {
        await changePassword(values)
        isDone.value = true
        form.reset()
      },
    },
  )
  return (
    <Panel title={t('settings.password')} text={t('settings.passwordText')}>
      <form class="fields" onSubmit={form.submit} ref={form.ref} noValidate>
        {form.notice}
        {isDone.value && <Notice kind="info">{t('settings.passwordDone')}</Notice>}
        {/* For password managers, which keep a password with its user. */}
        <div class="visually-hidden" aria-hidden="true">
          <input type="email" autocomplete="username" value={email} tabIndex={-1} readOnly />
        </div>
        <AccountField
          {...form.field('current_password')}
          label={t('settings.currentPassword')}
          type="password"
          autocomplete="current-password"
        />
        <AccountField
          {...form.field('new_password')}
          label={t('settings.newPassword')}
          type="password"
          autocomplete="new-password"
          hint={t('account.passwordHint')}
        />
        <Button type="submit" disabled={form.isBusy.value}>
          {t('settings.changePassword')}
        </Button>
      </form>
    </Panel>
  )
}
