import type { Request } from 'express'
import { endSessions } from '#shared/accounts/end-sessions.ts'
import { findReset, redeemReset } from '#shared/accounts/redeem-token.ts'
import type { Config } from '#shared/config.ts'
import type { PasswordChange, ResetRequest } from '#shared/contract/accounts/lifecycle.ts'
import type { Database } from '#shared/database/database.ts'
import { originOf } from '../../http/origin.ts'
import type { Principal } from '../../http/principal.ts'
import { clientAddress } from '../../limits/client-address.ts'
import { accountDeleted } from '../account-deleted.ts'
import { type Accounts, wrongPassword } from '../accounts.ts'
import { actorOf, recordAudit } from '../audit/record-audit.ts'
import { requireGoodPassword } from '../password-policy/password-policy.ts'
import type { Passwords } from '../passwords.ts'
import { linkInvalid } from './link-invalid.ts'

export type PasswordDeps = {
  config: { auth: Pick<Config['auth'], 'passwordPolicy'> }
  database: Database
  accounts: Accounts
  passwords: Passwords
}

/**
 * Sets a new password for a user who knows the current one, and ends their other sessions. API keys stay.
 * @throws CutroomError `auth.wrong_password`, or `request.invalid` for a new password that the policy refuses.
 */
export async function changePassword(
  { user, body, req }: { user: Principal; body: PasswordChange; req: Request },
  { config, database, accounts, passwords }: PasswordDeps,
): Promise<void> {
  const address = clientAddress(req).text
  const owner = await accounts.find(user.id)
  if (!owner) throw accountDeleted()
  requireGoodPassword(config.auth.passwordPolicy, {
    password: body.new_password,
    owner,
    operation: 'changePassword',
    field: 'new_password',
  })
  const current = await accounts.requirePassword(user.id, body.current_password, address)
  const passwordHash = await passwords.hash(body.new_password, address)
  await database.transaction(async (query) => {
    const changed = await query(
      'UPDATE users SET password_hash = $2 WHERE id = $1 AND password_hash = $3 AND deleted_at IS NULL RETURNING id',
      [user.id, passwordHash, current.passwordHash],
    )
    // It has been changed meanwhile, as by a reset, which this must not undo.
    if (changed.length === 0) throw wrongPassword()
    await endSessions(query, user.id, { except: user.sessionId })
    await recordAudit(query, { ...actorOf(req, user), action: 'password.changed' })
  })
}

/**
 * Sets a new password for the reader of the mailbox to which the token was sent, and ends all sessions and keys of the account.
 * @throws CutroomError `auth.link_invalid`, or `request.invalid` as `changePassword`.
 */
export async function resetPassword(
  { body, req }: { body: ResetRequest; req: Request },
  { config, database, passwords }: PasswordDeps,
): Promise<void> {
  // Before bcrypt, which takes time, and so that a refused password does not use the token up.
  const owner = await findReset(database.query, body.token)
  if (!owner) throw linkInvalid()
  requireGoodPassword(config.auth.passwordPolicy, {
    password: body.new_password,
    owner,
    operation: 'confirmPasswordReset',
    field: 'new_password',
  })
  const passwordHash = await passwords.hash(body.new_password, clientAddress(req).text)
  await database.transaction(async (query) => {
    const userId = await redeemReset(query, body.token, passwordHash)
    if (userId === undefined) throw linkInvalid()
    await recordAudit(query, { userId, action: 'password.reset', ...originOf(req) })
  })
}
