import { CutroomError } from '#shared/errors.ts'

/** The error for a token from an e-mail that is unknown, used or expired. */
export const linkInvalid = (): CutroomError =>
  new CutroomError(
    'auth.link_invalid',
    'This link is invalid, has expired or has been used. Ask for a new e-mail and open the link in the latest one.',
  )
