import { createHmac } from 'node:crypto'

/** Keeps these hashes apart from the plain SHA-256 of a password, which lists of leaked passwords contain. */
const DOMAIN = 'cutroom password 1'

/**
 * A password as it is given to bcrypt: in NFKC, hashed, in base64. So all of it counts, although bcrypt ignores what follows
 * 72 bytes or a NUL, and the compositions that keyboards produce are one password.
 */
export const preparePassword = (password: string): string =>
  createHmac('sha256', DOMAIN).update(password.normalize('NFKC')).digest('base64')
