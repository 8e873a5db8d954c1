import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { logIn, signUp } from '../api/operations.ts'
import type { ApiError } from '../api/problem.ts'
import { apiError } from '../api/request.ts'
import { hasExpired } from '../api/session.ts'
import { t } from '../i18n/index.ts'
import { Button, Notice } from '../ui/controls.tsx'
import { errorText } from '../ui/error-text.ts'
import { Icon } from '../ui/icons.tsx'
import { type Account, type AccountErrors, accountErrors } from './account-errors.ts'
import { AccountField } from './account-field.tsx'

/** Logging in, or creating an account. Errors stand beside their fields; password managers know every field. */
export function AccountView() {
  const isNew = useSignal(false)
  const account = useSignal<Account>({ username: '', email: '', password: '' })
  const errors = useSignal<AccountErrors>({})
  const failure = useSignal<ApiError | undefined>(undefined)
  const isBusy = useSignal(false)
  const form = useRef<HTMLFormElement>(null)

  // The first field with an error gets the focus, once it is marked.
  useEffect(() => {
    form.current?.querySelector<HTMLInputElement>('[aria-invalid=true]')?.focus()
  }, [errors.value])

  async function submit(event: SubmitEvent) {
    event.preventDefault()
    failure.value = undefined
    errors.value = accountErrors(account.value, isNew.value)
    if (Object.keys(errors.value).length > 0) return
    isBusy.value = true
    const { username, email, password } = account.value
    try {
      await (isNew.value
        ? signUp({ username, email, password, password_2: password })
        : logIn({ email, password }))
    } catch (thrown) {
      const error = apiError(thrown)
      const { username, email, password } = error.fields
      errors.value = { ...(username && { username }), ...(email && { email }), ...(password && { password }) }
      failure.value = error
    } finally {
      isBusy.value = false
    }
  }

  const field = (name: keyof Account) => ({
    name,
    value: account.value[name],
    error: errors.value[name],
    onInput: (value: string) => {
      account.value = { ...account.value, [name]: value }
    },
  })

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
      <form ref={form} class="card account" onSubmit={submit} noValidate>
        <h1>{t(isNew.value ? 'account.signUpTitle' : 'account.logInTitle')}</h1>
        {hasExpired.value && <Notice kind="info">{t('account.expired')}</Notice>}
        {failure.value && <Notice>{errorText(failure.value)}</Notice>}
        {isNew.value && (
          <AccountField {...field('username')} label={t('account.username')} autocomplete="username" />
        )}
        <AccountField {...field('email')} label={t('account.email')} type="email" autocomplete="email" />
        <AccountField
          {...field('password')}
          label={t('account.password')}
          type="password"
          autocomplete={isNew.value ? 'new-password' : 'current-password'}
          {...(isNew.value && { hint: t('account.passwordHint') })}
        />
        <Button type="submit" kind="primary" disabled={isBusy.value}>
          {t(isNew.value ? 'account.signUp' : 'account.logIn')}
        </Button>
        <button
          type="button"
          class="text-button"
          onClick={() => {
            isNew.value = !isNew.value
            errors.value = {}
            failure.value = undefined
          }}
        >
          {t(isNew.value ? 'account.toLogIn' : 'account.toSignUp')}
        </button>
      </form>
    </div>
  )
}
