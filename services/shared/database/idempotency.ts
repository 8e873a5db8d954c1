import { createHash } from 'node:crypto'
import { CutroomError } from '../errors.ts'
import type { Query } from './database.ts'

/** A user's Idempotency-Key and a hash of the request it was first sent with. */
export type IdempotencyKey = { userId: string; key: string; requestHash: string }

/** A SHA-256 in hex that two requests share only if they ask for the same. */
export const hashRequest = (...parts: unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex')

/**
 * Runs `work` once per key, inside the caller's transaction, so that its writes and the stored reply are committed
 * together. A repeated request gets the stored reply; one that arrives while the first is still running waits for
 * it in the INSERT. Without a key, `work` always runs.
 *
 * @throws CutroomError `idempotency.mismatch` when the key was first used with another request.
 */
export async function withIdempotencyKey<Reply>(
  query: Query,
  key: IdempotencyKey | undefined,
  work: () => Promise<Reply>,
): Promise<Reply> {
  if (!key) return work()
  const inserted = await query(
    `INSERT INTO idempotency_keys (user_id, key, request_hash, reply) VALUES ($1, $2, $3, 'null'::json)
     ON CONFLICT DO NOTHING RETURNING key`,
    [key.userId, key.key, key.requestHash],
  )
  if (inserted.length === 0) {
    // It is new after all when the sweep has just removed it.
    return (await findReply<Reply>(query, key)) ?? withIdempotencyKey(query, key, work)
  }

  const reply = await work()
  await query('UPDATE idempotency_keys SET reply = $3 WHERE user_id = $1 AND key = $2', [
    key.userId,
    key.key,
    JSON.stringify(reply),
  ])
  return reply
}

/**
 * The reply that was stored for a key; undefined for a new key.
 * @throws CutroomError `idempotency.mismatch` when the key was first used with another request.
 */
export async function findReply<Reply>(
  query: Query,
  { userId, key, requestHash }: IdempotencyKey,
): Promise<Reply | undefined> {
  const [stored] = await query<{ request_hash: string; reply: Reply }>(
    'SELECT request_hash, reply FROM idempotency_keys WHERE user_id = $1 AND key = $2',
    [userId, key],
  )
  if (stored && stored.request_hash !== requestHash) {
    throw new CutroomError(
      'idempotency.mismatch',
      'This Idempotency-Key was already used for a different request; send a new key with a new request.',
    )
  }
  return stored?.reply
}

/** Whether a user has sent a key, with whichever request. */
export async function isKnownKey(query: Query, userId: string, key: string): Promise<boolean> {
  const rows = await query('SELECT FROM idempotency_keys WHERE user_id = $1 AND key = $2', [userId, key])
  return rows.length > 0
}
