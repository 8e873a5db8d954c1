import type { Query } from '../database/database.ts'
import type { AccountMailKind } from './mail-tokens.ts'

/**
 * Whoever asks, a mailbox gets no more e-mails of a kind in an hour than this. By kind, so that sign-ups by strangers cannot use up
 * the owner's password resets; and if strangers ask for resets, the owner gets those.
 */
const MAX_PER_HOUR = 5

/** An account to create once its address is verified. */
export type PendingSignup = {
  username: string
  usernameKey: string
  email: string
  emailKey: string
  passwordHash: string
}

/** A requested e-mail; nobody has sent it yet. */
export type RequestedMail = { id: string; kind: AccountMailKind; attempt: 0 }

// Each is one statement that does the same work whether there is an account or not, so that the time of the reply does not
// reveal it either. `sendsMail`: batch sends it; otherwise the caller delivers it. Undefined when nothing is to be sent.

/**
 * Requests the e-mail that verifies a sign-up. If a verified account has the address, its owner is informed instead, and the
 * sign-up is not kept.
 */
export const requestSignupMail = (
  query: Query,
  { username, usernameKey, email, emailKey, passwordHash }: PendingSignup,
  sendsMail: boolean,
): Promise<RequestedMail | undefined> =>
  request(
    query,
    `SELECT CASE WHEN users.id IS NULL THEN 'verification' ELSE 'existing_account' END, users.id,
       coalesce(users.email, $3), $1, coalesce(users.username, $4),
       CASE WHEN users.id IS NULL THEN $5 END, CASE WHEN users.id IS NULL THEN $6 END
     FROM (SELECT) AS signup
     LEFT JOIN users ON users.email_key = $1 AND email_verified_at IS NOT NULL AND deleted_at IS NULL`,
    [emailKey, sendsMail, email, username, usernameKey, passwordHash],
  )

/**
 * Requests another e-mail to verify an address: for an account that is not verified, or else for the latest sign-up with it.
 */
export const requestVerificationMail = (
  query: Query,
  emailKey: string,
  sendsMail: boolean,
): Promise<RequestedMail | undefined> =>
  request(
    query,
    `(SELECT 'verification', user_id, email, $1, username, username_key, password_hash FROM account_mails
      WHERE email_key = $1 AND kind = 'verification' AND password_hash IS NOT NULL
        AND NOT EXISTS (SELECT FROM users WHERE email_key = $1 AND email_verified_at IS NOT NULL)
      ORDER BY created_at DESC LIMIT 1)
     UNION ALL
     (SELECT 'verification', id, email, $1, username, NULL, NULL FROM users
      WHERE email_key = $1 AND email_verified_at IS NULL AND deleted_at IS NULL)
     LIMIT 1`,
    [emailKey, sendsMail],
  )

/** Requests the e-mail with which the owner of an account's address chooses a new password. */
export const requestResetMail = (
  query: Query,
  emailKey: string,
  sendsMail: boolean,
): Promise<RequestedMail | undefined> =>
  request(
    query,
    `SELECT 'password_reset', id, email, $1, username, NULL, NULL FROM users WHERE email_key = $1 AND deleted_at IS NULL`,
    [emailKey, sendsMail],
  )

/** `select` yields at most one row; $1 is the key of the address, $2 whether batch sends the e-mail. */
async function request(query: Query, select: string, values: unknown[]): Promise<RequestedMail | undefined> {
  const [mail] = await query<RequestedMail>(
    `INSERT INTO account_mails (kind, user_id, email, email_key, username, username_key, password_hash, due_at)
     SELECT requested.*, CASE WHEN $2 THEN now() END
     FROM (${select}) AS requested (kind, user_id, email, email_key, username, username_key, password_hash)
     WHERE (
       SELECT count(*) FROM account_mails
       WHERE email_key = $1 AND account_mails.kind = requested.kind AND created_at > now() - interval '1 hour'
     ) < ${MAX_PER_HOUR}
     RETURNING id, kind, attempts AS attempt`,
    values,
  )
  return mail
}
