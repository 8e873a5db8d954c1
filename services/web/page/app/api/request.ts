import { ApiError, createCaller } from '#client/core.ts'
import { currentToken, discardToken, forget } from './session.ts'

/**
 * Calls the API with the token of the session. A refused token is replaced once; a session that has ended is forgotten, which brings
 * the log-in back. Requests are sent once: people, polls and uploads try again.
 */
export const caller = createCaller({
  baseUrl: location.origin,
  attempts: 1,
  token(refused) {
    if (refused !== undefined) discardToken(refused)
    return currentToken()
  },
  explain(error) {
    if (error instanceof ApiError && error.status === 401) forget({ expired: true })
    return error
  },
})

export const { call, open } = caller

/** The error as an ApiError; anything else is a bug of the page and is thrown on. */
export function apiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  throw error
}
