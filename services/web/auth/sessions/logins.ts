import { randomUUID } from 'node:crypto'
import type { Origin } from '#shared/accounts/origin.ts'
import type { SessionRepository } from '#shared/accounts/session-repository.ts'
import type { Token } from '#shared/contract/auth.ts'
import { CutroomError } from '#shared/errors.ts'
import { type AuthenticatedUser, wrongCredentials } from '../accounts.ts'
import type { Tokens } from '../tokens.ts'
import {
  firstRefreshToken,
  formatRefreshToken,
  hashesOf,
  nextRefreshToken,
  parseRefreshToken,
  type RefreshToken,
} from './refresh-token.ts'

export type LoginSettings = {
  /** Lifetime of a login without a refresh token, and of its token. */
  ttlSeconds: number
  /** Lifetime of the tokens of a session that can be refreshed. */
  accessTtlSeconds: number
  /** Lifetime of a session that can be refreshed. */
  sessionDays: number
}

/** A token as the API returns it, and whose session it belongs to. */
export type Login = { userId: string; sessionId: string; body: Token }

export type Logins = {
  /**
   * Begins a session of a user who has authenticated.
   * @throws CutroomError `auth.wrong_credentials` when the password has been changed meanwhile.
   */
  begin(user: AuthenticatedUser, options: { refreshable: boolean; origin: Origin }): Promise<Login>
  /**
   * Exchanges a refresh token for a new pair of tokens.
   * @throws CutroomError `auth.refresh_invalid`; `auth.refresh_replaced` for a token that was used a moment ago.
   * @returns `reused`, with its user, when the token was used before: the session has been ended.
   */
  refresh(
    refreshToken: string,
    origin: Origin,
  ): Promise<Login | { reused: true; userId: string; sessionId: string }>
}

/** Issues tokens for sessions. */
export function createLogins(
  sessions: Pick<SessionRepository, 'begin' | 'rotate'>,
  tokens: Pick<Tokens, 'issue'>,
  settings: LoginSettings,
): Logins {
  const { ttlSeconds, accessTtlSeconds, sessionDays } = settings

  /** A token that expires with its session, or before. */
  function login(
    userId: string,
    sessionId: string,
    lifetimeSeconds: number,
    refreshToken?: RefreshToken,
  ): Login {
    const token = tokens.issue({ userId, sessionId, lifetimeSeconds })
    const refresh = refreshToken && { refresh_token: formatRefreshToken(refreshToken) }
    return {
      userId,
      sessionId,
      body: { token, token_type: 'Bearer', expires_in: lifetimeSeconds, ...refresh },
    }
  }

  return {
    async begin({ userId, passwordHash }, { refreshable, origin }) {
      const id = randomUUID()
      const refreshToken = refreshable ? firstRefreshToken(id) : undefined
      const lifetimeSeconds = refreshable ? sessionDays * 86_400 : ttlSeconds
      const begun = await sessions.begin({
        id,
        userId,
        passwordHash,
        lifetimeSeconds,
        refresh: refreshToken && hashesOf(refreshToken),
        ...origin,
      })
      if (!begun) throw wrongCredentials()
      return login(
        userId,
        id,
        refreshable ? Math.min(accessTtlSeconds, lifetimeSeconds) : ttlSeconds,
        refreshToken,
      )
    },

    async refresh(text, origin) {
      const token = parseRefreshToken(text)
      if (!token) throw refreshInvalid()
      const { sessionId } = token
      const next = nextRefreshToken(token)
      const outcome = await sessions.rotate(sessionId, hashesOf(token), hashesOf(next).token, origin)
      if (outcome.kind === 'unknown') throw refreshInvalid()
      if (outcome.kind === 'replaced') throw refreshReplaced()
      if (outcome.kind === 'reused') return { reused: true, userId: outcome.userId, sessionId }
      const secondsLeft = Math.floor((outcome.expiresAt.getTime() - Date.now()) / 1000)
      return login(outcome.userId, sessionId, Math.max(1, Math.min(accessTtlSeconds, secondsLeft)), next)
    },
  }
}

const refreshInvalid = () =>
  new CutroomError(
    'auth.refresh_invalid',
    'The refresh token is invalid, or its session has ended or expired; log in again.',
  )

const refreshReplaced = () =>
  new CutroomError(
    'auth.refresh_replaced',
    'The refresh token was replaced a moment ago; use the one of the latest reply.',
  )
