import { useSignal } from '@preact/signals'
import { t } from '../i18n/index.ts'
import { Button, Notice } from '../ui/controls.tsx'
import { accountErrors } from './account-errors.ts'
import { AccountField } from './account-field.tsx'
import { useForm } from './use-form.tsx'

type Props = { label: string; send: (email: string) => Promise<unknown> }

/** Has an e-mail sent to an address. The reply is the same for every address, and so is what the form shows. */
export function MailForm({ label, send }: Props) {
  const sentTo = useSignal<string | undefined>(undefined)
  const form = useForm(
    { email: '' },
    {
      check: ({ email }) => accountErrors({ username: '', email, password: '-' }, false),
      async send({ email }) {
        await send(email)
        sentTo.value = email
      },
    },
  )
  if (sentTo.value) return <Notice kind="info">{t('mail.sent', { email: sentTo.value })}</Notice>
  return (
    <form class="fields" ref={form.ref} onSubmit={form.submit} noValidate>
      {form.notice}
      <AccountField {...form.field('email')} label={t('account.email')} type="email" autocomplete="email" />
      <Button type="submit" kind="primary" icon="mail" disabled={form.isBusy.value}>
        {label}
      </Button>
    </form>
  )
}
