import { useSignal } from '@preact/signals'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import { AccountView } from './account/account-view.tsx'
import { ForgotView } from './account/forgot-view.tsx'
import { ResetView } from './account/reset-view.tsx'
import { VerifyView } from './account/verify-view.tsx'
import { fetchAccount, logOut } from './api/operations.ts'
import { isLoggedIn } from './api/session.ts'
import { LANGUAGES, type Language, language, setLanguage, t } from './i18n/index.ts'
import { route } from './route.ts'
import { flush } from './tasks/list/pending.ts'
import { UndoToast } from './tasks/list/undo-toast.tsx'
import { forgetNames } from './tasks/task-names.ts'
import { Notice } from './ui/controls.tsx'
import { Icon, Logo } from './ui/icons.tsx'
import { lazy } from './ui/lazy.tsx'
import { forgetUploads } from './upload/remembered.ts'

const StartView = lazy(async () => (await import('./late-views.ts')).StartView)
const TasksView = lazy(async () => (await import('./tasks/list/tasks-view.tsx')).TasksView)
const TaskView = lazy(async () => (await import('./late-views.ts')).TaskView)
const SettingsView = lazy(async () => (await import('./settings/settings-view.tsx')).SettingsView)

export function App() {
  useViewChange()
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        {t('nav.skip')}
      </button>
      <Header />
      <main id="main" tabIndex={-1}>
        <OfflineBanner />
        <View />
      </main>
      <UndoToast />
    </>
  )
}

const TITLES = {
  start: 'nav.new',
  tasks: 'tasks.title',
  task: 'task.title',
  account: 'settings.title',
  forgot: 'forgot.title',
  verify: 'verify.title',
  reset: 'reset.title',
} as const

/** Whether a view is for those who have not logged in as well. */
const isPublic = (view: keyof typeof TITLES): boolean => ['verify', 'reset', 'forgot'].includes(view)

/** A new view is named in the title, and gets the focus, as a new page would. */
function useViewChange() {
  const isFirst = useRef(true)
  const { view, ...detail } = route.value
  const title = t(isLoggedIn.value || isPublic(view) ? TITLES[view] : 'account.logIn')
  useLayoutEffect(() => {
    document.title = `${title} · Cutroom`
  }, [title])
  // Before the view's own effects, which may scroll to where it was left.
  useLayoutEffect(() => {
    if (!isFirst.current && isLoggedIn.peek()) {
      document.getElementById('main')?.focus({ preventScroll: true })
      scrollTo(0, 0)
    }
    isFirst.current = false
  }, [isLoggedIn.value, view, 'id' in detail && detail.id, 'section' in detail && detail.section])
}

function View() {
  const { value } = route
  if (value.view === 'verify') return <VerifyView key={value.token} token={value.token} />
  if (value.view === 'reset') return <ResetView key={value.token} token={value.token} />
  if (!isLoggedIn.value) return value.view === 'forgot' ? <ForgotView /> : <AccountView />
  if (value.view === 'task') return <TaskView key={value.id} id={value.id} />
  if (value.view === 'account') return <SettingsView section={value.section} />
  return value.view === 'tasks' ? <TasksView address={value.query} /> : <StartView />
}

function Header() {
  const { view } = route.value
  return (
    <header class="header">
      <a class="brand" href="#/">
        <Logo />
        Cutroom
      </a>
      {isLoggedIn.value && (
        <nav aria-label={t('nav.main')}>
          <a href="#/" aria-current={view === 'start' ? 'page' : undefined}>
            {t('nav.new')}
          </a>
          <a href="#/tasks" aria-current={view === 'tasks' || view === 'task' ? 'page' : undefined}>
            {t('nav.tasks')}
          </a>
        </nav>
      )}
      <div class="aside">
        <a class="api" href="/docs/">
          {t('nav.api')}
        </a>
        <select
          aria-label={t('nav.language')}
          value={language.value}
          onChange={(event) => setLanguage(event.currentTarget.value as Language)}
        >
          {LANGUAGES.map(({ code, name }) => (
            <option key={code} value={code} title={name}>
              {code.toUpperCase()}
            </option>
          ))}
        </select>
        {isLoggedIn.value && <AccountMenu isCurrent={view === 'account'} />}
      </div>
    </header>
  )
}

function AccountMenu({ isCurrent }: { isCurrent: boolean }) {
  const name = useSignal('')
  useEffect(() => {
    fetchAccount()
      .then(({ username }) => (name.value = username))
      // The name is decoration; every view reports its own errors.
      .catch(() => undefined)
  }, [])
  return (
    <>
      <a
        class="user"
        href="#/account"
        aria-current={isCurrent ? 'page' : undefined}
        aria-label={`${t('settings.title')} ${name}`}
      >
        <Icon name="user" />
        <span>{name}</span>
      </a>
      <button
        type="button"
        class="text-button log-out"
        aria-label={t('account.logOut')}
        onClick={() => {
          flush()
          forgetUploads()
          forgetNames()
          logOut()
        }}
      >
        <Icon name="logOut" />
        <span>{t('account.logOut')}</span>
      </button>
    </>
  )
}

function OfflineBanner() {
  const isOffline = useSignal(!navigator.onLine)
  useEffect(() => {
    const update = () => (isOffline.value = !navigator.onLine)
    addEventListener('online', update)
    addEventListener('offline', update)
    return () => {
      removeEventListener('online', update)
      removeEventListener('offline', update)
    }
  }, [])
  return isOffline.value ? <Notice kind="info">{t('offline.banner')}</Notice> : null
}
