import type { ApiKey, CreateApiKey } from '#shared/contract/accounts/api-keys.ts'
import type { AuditEvent } from '#shared/contract/accounts/audit.ts'
import type { PasswordChange, ResetRequest } from '#shared/contract/accounts/lifecycle.ts'
import type { Session } from '#shared/contract/accounts/sessions.ts'
import type { User } from '#shared/contract/auth.ts'
import { download, request } from './request.ts'
import { forget } from './session.ts'

export type NewApiKey = ApiKey & { key: string }
export type AuditPage = { events: AuditEvent[]; next_page: string | null }

const post = <T>(path: string, body: unknown) => request<T>(path, { method: 'POST', body })
const remove = <T = void>(path: string, body?: unknown) => request<T>(path, { method: 'DELETE', body })

export const listSessions = async () => (await request<{ sessions: Session[] }>('/auth/sessions')).sessions
export const endSession = (id: string) => remove(`/auth/sessions/${id}`)
/** Returns how many there were. */
export const endOtherSessions = async () => (await remove<{ ended: number }>('/auth/sessions')).ended

export const listKeys = async () => (await request<{ keys: ApiKey[] }>('/auth/keys')).keys
export const createKey = (body: CreateApiKey) => post<NewApiKey>('/auth/keys', body)
export const revokeKey = (id: string) => remove(`/auth/keys/${id}`)

export const changePassword = (body: PasswordChange) => post<void>('/auth/password', body)

export function listAudit(page?: string): Promise<AuditPage> {
  const search = new URLSearchParams({ max: '25', ...(page && { page }) })
  return request<AuditPage>(`/auth/audit?${search}`)
}

/** Everything that is stored about the account, as a file. */
export const exportAccount = (): Promise<Blob> => download('/auth/export')

/** Deletes the account, and forgets its session. */
export async function deleteAccount(password: string): Promise<void> {
  await remove('/auth/me', { password })
  forget()
}

const anonymously = <T>(path: string, body: unknown) =>
  request<T>(path, { method: 'POST', body, anonymous: true })

export const requestVerification = (email: string) => anonymously<unknown>('/auth/verification', { email })
export const verifyEmail = (token: string) => anonymously<User>('/auth/verify', { token })
export const requestPasswordReset = (email: string) => anonymously<unknown>('/auth/password-reset', { email })
export const resetPassword = (body: ResetRequest) => anonymously<void>('/auth/password-reset/confirm', body)
