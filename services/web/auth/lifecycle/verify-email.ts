import type { Request } from 'express'
import { redeemVerification } from '#shared/accounts/redeem-token.ts'
import type { User } from '#shared/contract/auth.ts'
import type { Database } from '#shared/database/database.ts'
import { originOf } from '../../http/origin.ts'
import { accountDeleted } from '../account-deleted.ts'
import { type Accounts, userExists } from '../accounts.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { linkInvalid } from './link-invalid.ts'

/**
 * Verifies the address to which the token was mailed, and creates the account of a sign-up that waited for it.
 * @throws CutroomError `auth.link_invalid`, or `user.exists` when the address or the name of the sign-up has been taken.
 */
export async function verifyEmail(
  { token, req }: { token: string; req: Request },
  { database, accounts }: { database: Database; accounts: Accounts },
): Promise<User> {
  const { userId } = await database.transaction(async (query) => {
    const verified = await redeemVerification(query, token)
    if (verified === 'invalid') throw linkInvalid()
    if (verified === 'taken') throw userExists()
    const event = { userId: verified.userId, ...originOf(req) }
    if (verified.created) await recordAudit(query, { ...event, action: 'account.created' })
    await recordAudit(query, { ...event, action: 'email.verified' })
    return verified
  })
  const user = await accounts.find(userId)
  if (!user) throw accountDeleted()
  return user
}
