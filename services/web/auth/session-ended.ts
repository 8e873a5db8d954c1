import { CutroomError } from '#shared/errors.ts'

/** The error for a valid token whose session or account is gone. */
export const sessionEnded = (): CutroomError =>
  new CutroomError(
    'auth.required',
    'The session of this token has ended, or its account no longer exists; log in again.',
    { headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' } },
  )
