import type { Request } from 'express'
import { eraseAccount, eraseRemains } from '#shared/accounts/erase-account.ts'
import type { Database } from '#shared/database/database.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { Principal } from '../../http/principal.ts'
import { clientAddress } from '../../limits/client-address.ts'
import { accountDeleted } from '../account-deleted.ts'
import type { Accounts } from '../accounts.ts'
import { actorOf, recordAudit } from '../audit/record-audit.ts'

/** How long a request aborts and removes tasks itself, so that their workers stop at once; the sweep continues. */
const ERASE_MS = 2_000
const MAX_TASKS = 200

/**
 * Deletes the account: at once for everyone who asks. What its tasks and files leave is erased within the next sweeps.
 * @throws CutroomError `auth.wrong_password`.
 */
export async function deleteAccount(
  { user, password, req, log }: { user: Principal; password: string; req: Request; log: Logger },
  { database, accounts }: { database: Database; accounts: Accounts },
): Promise<void> {
  await accounts.requirePassword(user.id, password, clientAddress(req).text)
  await database.transaction(async (query) => {
    if (!(await eraseAccount(query, user.id))) throw accountDeleted()
    await recordAudit(query, { ...actorOf(req, user), action: 'account.deleted' })
  })
  await eraseRemains(database, {
    userId: user.id,
    limit: MAX_TASKS,
    until: performance.now() + ERASE_MS,
  }).catch((error) =>
    log.warn('what a deleted account has left was not erased; the sweep will', { userId: user.id, error }),
  )
}
