import { useSignal } from '@preact/signals'
import { AccountField } from '../account/account-field.tsx'
import { useForm } from '../account/use-form.tsx'
import { deleteAccount } from '../api/account.ts'
import { t } from '../i18n/index.ts'
import { go } from '../route.ts'
import { forgetNames } from '../tasks/task-names.ts'
import { Button } from '../ui/controls.tsx'
import { forgetUploads } from '../upload/remembered.ts'
import { Panel } from './panel.tsx'

/** The end of the account, for those who know its password. */
export function DeleteAccount() {
  const isOpen = useSignal(false)
  const form = useForm(
    { password: '' },
    {
      check: ({ password }) => (password === '' ? { password: 'field.required' } : {}),
      fieldOfCode: { 'auth.wrong_password': 'password' },
      async send({ password }) {
        await deleteAccount(password)
        forgetUploads()
        forgetNames()
        go('/')
      },
    },
  )
  return (
    <Panel title={t('settings.delete')} text={t('settings.deleteText')}>
      {isOpen.value ? (
        <form class="fields" onSubmit={form.submit} ref={form.ref} noValidate>
          {form.notice}
          <AccountField
            {...form.field('password')}
            label={t('account.password')}
            type="password"
            autocomplete="current-password"
          />
          <div class="row-actions">
            <Button type="submit" kind="danger" icon="trash" disabled={form.isBusy.value}>
              {t('settings.deleteGo')}
            </Button>
            <Button onClick={() => (isOpen.value = false)}>{t('task.cancel')}</Button>
          </div>
        </form>
      ) : (
        <div>
          <Button kind="danger" icon="trash" onClick={() => (isOpen.value = true)}>
            {t('settings.delete')}
          </Button>
        </div>
      )}
    </Panel>
  )
}
