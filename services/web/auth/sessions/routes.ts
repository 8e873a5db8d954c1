import { emailKey } from '#shared/accounts/account-keys.ts'
import type { SessionRepository, SessionRow } from '#shared/accounts/session-repository.ts'
import type { Session } from '#shared/contract/accounts/sessions.ts'
import { operations } from '#shared/contract/operations.ts'
import type { Database } from '#shared/database/database.ts'
import { CutroomError } from '#shared/errors.ts'
import { logOf } from '#shared/http/request-context.ts'
import { notFound } from '../../http/not-found.ts'
import type { Route } from '../../http/operation-router.ts'
import { originOf } from '../../http/origin.ts'
import { clientAddress } from '../../limits/client-address.ts'
import type { Accounts } from '../accounts.ts'
import { actorOf, recordAudit, recordFailedLogin } from '../audit/record-audit.ts'
import type { Logins } from './logins.ts'

export type SessionsDeps = {
  accounts: Accounts
  logins: Logins
  sessions: SessionRepository
  database: Database
}

/** Mounts what begins, continues, lists and ends sessions. */
export function mountSessions(route: Route, { accounts, logins, sessions, database }: SessionsDeps): void {
  route(operations.login, async ({ body: { email, password, refresh }, req, res }) => {
    const origin = originOf(req)
    const authenticated = await accounts.logIn(email, password, clientAddress(req).text).catch((error) => {
      // Not awaited: the time until the reply must not depend on whether there is an account.
      if (isWrongCredentials(error)) {
        recordFailedLogin(database.query, emailKey(email), origin).catch((failure) =>
          logOf(res).warn('a failed login could not be recorded', { error: failure }),
        )
      }
      throw error
    })
    const { body, sessionId } = await logins.begin(authenticated, { refreshable: refresh === true, origin })
    await recordAudit(database.query, { userId: authenticated.userId, action: 'login', sessionId, ...origin })
    return { status: 200, body }
  })

  route(operations.refresh, async ({ body: { refresh_token }, req }) => {
    const origin = originOf(req)
    const login = await logins.refresh(refresh_token, origin)
    if ('reused' in login) {
      const { userId, sessionId } = login
      await recordAudit(database.query, { userId, action: 'session.reused', sessionId, ...origin })
      throw refreshReused()
    }
    return { status: 200, body: login.body }
  })

  route(operations.logout, async ({ user, req }) => {
    if (!user.sessionId) throw sessionRequired()
    await sessions.end(user.id, user.sessionId)
    await recordAudit(database.query, { ...actorOf(req, user), action: 'logout' })
    return { status: 204 }
  })

  route(operations.listSessions, async ({ user }) => {
    const rows = await sessions.list(user.id)
    const body = { sessions: rows.map((row) => toSession(row, user.sessionId)) }
    return { status: 200, body }
  })

  route(operations.endSession, async ({ user, params, req }) => {
    if (!(await sessions.end(user.id, params.id))) throw notFound('session.not_found')
    const details = { session_id: params.id }
    await recordAudit(database.query, { ...actorOf(req, user), action: 'session.ended', details })
    return { status: 204 }
  })

  route(operations.endOtherSessions, async ({ user, req }) => {
    const ended = await sessions.endAll(user.id, { except: user.sessionId })
    if (ended > 0) {
      await recordAudit(database.query, {
        ...actorOf(req, user),
        action: 'session.ended',
        details: { count: ended },
      })
    }
    return { status: 200, body: { ended } }
  })
}

/** A session as the API returns it. `currentId` is that of the caller. */
export const toSession = (row: SessionRow, currentId: string | undefined): Session => ({
  id: row.id,
  created_at: row.createdAt.toISOString(),
  last_used_at: row.lastUsedAt.toISOString(),
  expires_at: row.expiresAt.toISOString(),
  address: row.address,
  user_agent: row.userAgent,
  refreshable: row.refreshable,
  current: row.id === currentId,
})

const isWrongCredentials = (error: unknown) =>
  error instanceof CutroomError && error.code === 'auth.wrong_credentials'

const refreshReused = () =>
  new CutroomError(
    'auth.refresh_reused',
    'The refresh token had been used before, so the session was ended; log in again.',
  )

const sessionRequired = () =>
  new CutroomError(
    'auth.session_required',
    'An API key has no session to log out of. Send the token of a login, or revoke the key with DELETE /auth/keys/{id}.',
  )
