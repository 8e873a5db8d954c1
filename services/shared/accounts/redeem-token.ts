import type { Query } from '../database/database.ts'
import { endAccess } from './end-sessions.ts'
import { eraseAccount } from './erase-account.ts'
import { hashToken } from './mail-tokens.ts'

/** What a token of a `verification` stands for: an account, or a sign-up that waits for it. */
type Verification = {
  user_id: string | null
  email: string
  email_key: string
  username: string
  username_key: string | null
  password_hash: string | null
}

/**
 * Verifies the address that the token was mailed to, in the caller's transaction, and uses the token up. A sign-up becomes an
 * account; an account with the same address that nobody has verified is deleted for it, since it belongs to somebody else.
 * @returns the account's id; `invalid` for a token that is unknown, used or expired; `taken` when the address or the user name
 * has been taken by a verified account, or a user name that looks like it by any.
 */
export async function redeemVerification(
  query: Query,
  token: string,
): Promise<{ userId: string; created: boolean } | 'invalid' | 'taken'> {
  const [mail] = await query<Verification>(
    `DELETE FROM account_mails WHERE token_hash = $1 AND kind = 'verification' AND expires_at > now()
     RETURNING user_id, email, email_key, username, username_key, password_hash`,
    [hashToken(token)],
  )
  if (!mail) return 'invalid'
  if (mail.user_id !== null) {
    await markVerified(query, mail.user_id)
    return { userId: mail.user_id, created: false }
  }
  const [owner] = await query<{ id: string; verified: boolean }>(
    'SELECT id, email_verified_at IS NOT NULL AS verified FROM users WHERE email_key = $1 FOR UPDATE',
    [mail.email_key],
  )
  if (owner?.verified) return 'taken'
  if (owner) await eraseAccount(query, owner.id)
  const [created] = await query<{ id: string }>(
    `INSERT INTO users (username, username_key, email, email_key, password_hash, email_verified_at)
     VALUES ($1, $2, $3, $4, $5, now()) ON CONFLICT DO NOTHING RETURNING id`,
    [mail.username, mail.username_key, mail.email, mail.email_key, mail.password_hash],
  )
  if (!created) return 'taken'
  // Other sign-ups with the address: whoever sent them does not own it, or has just used one.
  await query("DELETE FROM account_mails WHERE email_key = $1 AND kind = 'verification'", [mail.email_key])
  return { userId: created.id, created: true }
}

const markVerified = (query: Query, userId: string) =>
  query('UPDATE users SET email_verified_at = coalesce(email_verified_at, now()) WHERE id = $1', [userId])

/** Whose password the token resets; undefined for a token that is unknown, used or expired. Does not use it up. */
export async function findReset(
  query: Query,
  token: string,
): Promise<{ userId: string; username: string; email: string } | undefined> {
  const [user] = await query<{ userId: string; username: string; email: string }>(
    `SELECT users.id AS "userId", users.username, users.email FROM account_mails JOIN users ON users.id = user_id
     WHERE token_hash = $1 AND kind = 'password_reset' AND expires_at > now()`,
    [hashToken(token)],
  )
  return user
}

/**
 * Sets the password of the account whose owner was mailed the token, which proves the address as well, and uses up all such
 * tokens of the account. Whoever had the account while its address was unverified may be somebody else, so its webhook endpoints are
 * deleted then, and the secret that signs its other webhooks is forgotten. All sessions and API keys end. Returns the account's id;
 * undefined as `findReset`.
 */
export async function redeemReset(
  query: Query,
  token: string,
  passwordHash: string,
): Promise<string | undefined> {
  const [mail] = await query<{ user_id: string }>(
    `DELETE FROM account_mails WHERE token_hash = $1 AND kind = 'password_reset' AND expires_at > now() RETURNING user_id`,
    [hashToken(token)],
  )
  if (!mail) return undefined
  await query("DELETE FROM account_mails WHERE user_id = $1 AND kind = 'password_reset'", [mail.user_id])
  await query(
    `DELETE FROM webhook_endpoints USING users
     WHERE users.id = $1 AND user_id = users.id AND email_verified_at IS NULL`,
    [mail.user_id],
  )
  await query(
    `UPDATE users SET password_hash = $2, email_verified_at = coalesce(email_verified_at, now()),
       webhook_secret = CASE WHEN email_verified_at IS NOT NULL THEN webhook_secret END
     WHERE id = $1`,
    [mail.user_id, passwordHash],
  )
  await endAccess(query, mail.user_id)
  return mail.user_id
}
