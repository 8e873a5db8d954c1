import { createHash, randomBytes } from 'node:crypto'
import type { Query } from '../database/database.ts'

/**
 * `verification` proves that the reader of the mailbox owns the account or the pending sign-up, `password_reset` lets them choose
 * a password. `existing_account` tells the owner of an account that someone signed up with its address; it has no token.
 */
export type AccountMailKind = 'verification' | 'password_reset' | 'existing_account'

/** How long the token of an e-mail is valid after the attempt to send it, in hours. */
export const TOKEN_HOURS = { verification: 72, password_reset: 1 } as const

/** What is stored of a token. */
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest()

/**
 * Gives an e-mail a new token, in place of any earlier one, and returns it: it is not stored. Undefined when the e-mail has no
 * token by its kind. `attempt` is the fencing token of the claim.
 * @throws an error when the e-mail has been claimed again, or its account was deleted.
 */
export async function issueMailToken(
  query: Query,
  { id, attempt, kind }: { id: string; attempt: number; kind: AccountMailKind },
): Promise<string | undefined> {
  if (kind === 'existing_account') return undefined
  const token = randomBytes(32).toString('base64url')
  const [updated] = await query(
    `UPDATE account_mails SET token_hash = $3, expires_at = now() + $4 * interval '1 hour'
     WHERE id = $1 AND attempts = $2 RETURNING id`,
    [id, attempt, hashToken(token), TOKEN_HOURS[kind]],
  )
  if (!updated) throw new Error(`The e-mail ${id} is no longer held by attempt ${attempt}`)
  return token
}

/** Where the token of an e-mail is used: a page with a form, which also shows the call of the API. */
export const tokenLink = (publicUrl: string, kind: keyof typeof TOKEN_HOURS, token: string): string =>
  `${publicUrl}/auth/${kind === 'verification' ? 'verify' : 'password-reset'}?token=${token}`
