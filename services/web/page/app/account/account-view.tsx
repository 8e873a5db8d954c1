import { useSignal } from '@preact/signals'
import { logIn, signUp } from '../api/operations.ts'
import { hasExpired } from '../api/session.ts'
import { t } from '../i18n/index.ts'
import { Button, Notice } from '../ui/controls.tsx'
import { Icon } from '../ui/icons.tsx'
import { accountErrors } from './account-errors.ts'
import { AccountField } from './account-field.tsx'
import { useForm } from './use-form.tsx'

/** Logging in, or creating an account. Errors stand beside their fields; password managers know every field. */
export function AccountView() {
  const isNew = useSignal(false)
  /** Where a sign-up has to be verified first: the address to which the link was mailed. */
  const mailedTo = useSignal<string | undefined>(undefined)
  const form = useForm(
    { username: '', email: '', password: '' },
    {
      check: (values) => accountErrors(values, isNew.value),
      async send({ username, email, password }) {
        if (!isNew.value) return logIn({ email, password })
        const state = await signUp({ username, email, password, password_2: password })
        if (state === 'verification_required') mailedTo.value = email
      },
    },
  )

  return (
    <div class="welcome">
      <section class="pitch">
        <p class="headline">{t('account.pitch')}</p>
        <p class="lead">{t('account.pitchText')}</p>
        <ul>
          {(['account.point1', 'account.point2', 'account.point3'] as const).map((point) => (
            <li key={point}>
              <Icon name="check" />
              {t(point)}
            </li>
          ))}
        </ul>
      </section>
      <form ref={form.ref} class="card account" onSubmit={form.submit} noValidate>
        <h1>{t(isNew.value ? 'account.signUpTitle' : 'account.logInTitle')}</h1>
        {hasExpired.value && <Notice kind="info">{t('account.expired')}</Notice>}
        {mailedTo.value && <Notice kind="info">{t('mail.verifyFirst', { email: mailedTo.value })}</Notice>}
        {form.notice}
        {isNew.value && (
          <AccountField {...form.field('username')} label={t('account.username')} autocomplete="username" />
        )}
        <AccountField {...form.field('email')} label={t('account.email')} type="email" autocomplete="email" />
        <AccountField
          {...form.field('password')}
          label={t('account.password')}
          type="password"
          autocomplete={isNew.value ? 'new-password' : 'current-password'}
          {...(isNew.value && { hint: t('account.passwordHint') })}
        />
        <Button type="submit" kind="primary" disabled={form.isBusy.value}>
          {t(isNew.value ? 'account.signUp' : 'account.logIn')}
        </Button>
        {!isNew.value && (
          <a class="text-button" href="#/forgot">
            {t('account.forgot')}
          </a>
        )}
        <button
          type="button"
          class="text-button"
          onClick={() => {
            isNew.value = !isNew.value
            mailedTo.value = undefined
            form.clearErrors()
          }}
        >
          {t(isNew.value ? 'account.toLogIn' : 'account.toSignUp')}
        </button>
      </form>
    </div>
  )
}
