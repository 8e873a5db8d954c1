import { computed, signal } from '@preact/signals'
import { ApiError, createCaller, refresh } from '#client/core.ts'
import type { Token } from '#shared/contract/auth.ts'

/** Where the refresh token is kept, so that a reload and other tabs stay logged in. The token itself stays in memory. */
const STORAGE_KEY = 'cutroom.refresh'
/** A token is replaced this long before it expires. */
const MARGIN_MS = 30_000

type Access = { token: string; expiresAt: number }

const refreshToken = signal<string | null>(localStorage.getItem(STORAGE_KEY))
let access: Access | undefined

/** Calls without a token. */
export const anonymous = createCaller({ baseUrl: location.origin, attempts: 1 })

export const isLoggedIn = computed(() => refreshToken.value !== null)
/** Whether the last session ended by itself rather than by logging out. */
export const hasExpired = signal(false)

// Another tab has logged in, refreshed or logged out.
addEventListener('storage', (event) => {
  if (event.key !== STORAGE_KEY) return
  refreshToken.value = event.newValue
  if (event.newValue === null) access = undefined
})

/** Keeps the tokens of a login or refresh. */
export function keep({ token, expires_in, refresh_token }: Token): void {
  access = { token, expiresAt: Date.now() + expires_in * 1000 }
  if (refresh_token === undefined) return
  localStorage.setItem(STORAGE_KEY, refresh_token)
  refreshToken.value = refresh_token
  hasExpired.value = false
}

/** Forgets all tokens in every tab. */
export function forget({ expired = false } = {}): void {
  access = undefined
  localStorage.removeItem(STORAGE_KEY)
  if (refreshToken.value !== null) hasExpired.value = expired
  refreshToken.value = null
}

/**
 * A token that is valid now. Tabs refresh one after the other, since each refresh token works once.
 * @throws ApiError when the session has ended, or the service cannot be reached.
 */
export async function currentToken(): Promise<string> {
  const held = freshToken()
  if (held) return held
  return navigator.locks.request('cutroom.refresh', async () => {
    // The tab before may have waited for the same.
    if (!freshToken()) await renew(localStorage.getItem(STORAGE_KEY))
    const token = freshToken()
    if (!token) throw new ApiError('auth.required', 'Log in again.', { status: 401 })
    return token
  })
}

/** Makes the next request get a new token: the service has refused this one. */
export function discardToken(token: string): void {
  if (access?.token === token) access = undefined
}

const freshToken = (): string | undefined =>
  access && access.expiresAt - Date.now() > MARGIN_MS ? access.token : undefined

async function renew(token: string | null): Promise<void> {
  if (token === null) return forget({ expired: true })
  try {
    keep(await anonymous.call(refresh, { body: { refresh_token: token } }))
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.status === 409 && (await isReplaced(token))) return renew(localStorage.getItem(STORAGE_KEY))
    if (error.status === 401 || error.status === 409) forget({ expired: true })
    throw error
  }
}

/** Whether another tab has replaced a refresh token: what it stores can reach this tab a little after its lock has been released. */
async function isReplaced(token: string): Promise<boolean> {
  for (let i = 0; i < 20 && localStorage.getItem(STORAGE_KEY) === token; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return localStorage.getItem(STORAGE_KEY) !== token
}
