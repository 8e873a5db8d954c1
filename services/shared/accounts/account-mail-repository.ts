import type { Database } from '../database/database.ts'
import type { DeliveryRepository } from '../tasks/delivery-repository.ts'
import { type AccountMailKind, issueMailToken } from './mail-tokens.ts'

/** A claimed e-mail about an account. `attempt` is the fencing token. */
export type DueAccountMail = {
  id: string
  attempt: number
  channel: 'account'
  kind: AccountMailKind
  email: string
  username: string
}

export type AccountMailRepository = DeliveryRepository<DueAccountMail> & {
  /** The token to send, which is valid from now on, and its predecessors no more. Undefined for a kind without one. */
  issueToken(mail: DueAccountMail): Promise<string | undefined>
}

/** Batch's side of the e-mails about accounts, which web requests. `leaseMs` must be longer than an attempt can take. */
export function accountMailRepository(
  { query }: Pick<Database, 'query'>,
  { leaseMs }: { leaseMs: number },
): AccountMailRepository {
  return {
    claimDue: (limit, { firstOnly = false } = {}) =>
      query<DueAccountMail>(
        `WITH due AS (
           SELECT id FROM account_mails WHERE due_at <= now() AND (attempts = 0 OR NOT $3)
           ORDER BY attempts, due_at LIMIT $1 FOR UPDATE SKIP LOCKED
         )
         UPDATE account_mails SET attempts = attempts + 1, due_at = now() + $2 * interval '1 ms'
         FROM due WHERE account_mails.id = due.id
         RETURNING account_mails.id, attempts AS attempt, 'account' AS channel, kind, email, username`,
        [limit, leaseMs, firstOnly],
        'account-mails-claim',
      ),

    issueToken: (mail) => issueMailToken(query, mail),

    delivered: (mail) => update(mail, 'due_at = NULL, delivered_at = now(), last_error = NULL', []),
    postpone: (mail, error, delayMs) =>
      update(mail, "due_at = now() + $4 * interval '1 ms', last_error = $3", [error, delayMs]),
    giveUp: (mail, error) => update(mail, 'due_at = NULL, given_up_at = now(), last_error = $3', [error]),
  }

  async function update(
    { id, attempt }: Pick<DueAccountMail, 'id' | 'attempt'>,
    columns: string,
    values: unknown[],
  ) {
    await query(`UPDATE account_mails SET ${columns} WHERE id = $1 AND attempts = $2`, [
      id,
      attempt,
      ...values,
    ])
  }
}
