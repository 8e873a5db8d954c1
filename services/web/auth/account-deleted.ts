import { CutroomError } from '#shared/errors.ts'

/** The error for a valid token whose account has been deleted. */
export const accountDeleted = (): CutroomError =>
  new CutroomError('auth.required', 'The account of this token no longer exists.', {
    headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
  })

/**
 * `accountDeleted` in place of the database error for a row whose user no longer exists. Tokens are cached for some
 * seconds, so a request can be authenticated just after its account was deleted; other errors pass unchanged.
 */
export const translateMissingUser = (error: unknown): unknown =>
  isMissingUser(error) ? accountDeleted() : error

/** Postgres reports a foreign_key_violation as 23503: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const isMissingUser = (error: unknown) =>
  error instanceof Error &&
  'code' in error &&
  error.code === '23503' &&
  'constraint' in error &&
  String(error.constraint).endsWith('_user_id_fkey')
