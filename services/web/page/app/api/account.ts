import * as api from '#client/core.ts'
import type { ApiKey } from '#shared/contract/accounts/api-keys.ts'
import type { AuditEvent } from '#shared/contract/accounts/audit.ts'
import type { PasswordChange, ResetRequest } from '#shared/contract/accounts/lifecycle.ts'
import { call, open } from './request.ts'
import { anonymous, forget } from './session.ts'

export type NewApiKey = ApiKey & { key: string }
export type AuditPage = { events: AuditEvent[]; next_page: string | null }

export const listSessions = async () => (await call(api.listSessions, {})).sessions
export const endSession = (id: string) => call(api.endSession, { path: { id } })
/** Returns how many there were. */
export const endOtherSessions = async () => (await call(api.endOtherSessions, {})).ended

export const listKeys = async () => (await call(api.listKeys, {})).keys
export const createKey = (body: api.Arguments<'createKey'>['body']): Promise<NewApiKey> =>
  call(api.createKey, { body })
export const revokeKey = (id: string) => call(api.revokeKey, { path: { id } })

export const changePassword = (body: PasswordChange) => call(api.changePassword, { body })

export const listAudit = (page?: string): Promise<AuditPage> =>
  call(api.audit, { query: { max: 25, ...(page && { page }) } })

/** Everything that is stored about the account, as a file. */
export const exportAccount = async (): Promise<Blob> => (await open(api.exportAccount, {})).blob()

/** Deletes the account, and forgets its session. */
export async function deleteAccount(password: string): Promise<void> {
  await call(api.deleteAccount, { body: { password } })
  forget()
}

export const requestVerification = (email: string) =>
  anonymous.call(api.requestVerification, { body: { email } })
export const verifyEmail = (token: string) => anonymous.call(api.verifyEmail, { body: { token } })
export const requestPasswordReset = (email: string) =>
  anonymous.call(api.requestPasswordReset, { body: { email } })
export const resetPassword = (body: ResetRequest) => anonymous.call(api.confirmPasswordReset, { body })
