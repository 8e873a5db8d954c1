import { createHash } from 'node:crypto'
import { CutroomError } from '../errors.ts'
import type { Query } from './database.ts'

/** Whose key, which key, and a hash of the request it was first used for. */
export type IdempotencyKey = { userId: string; key: string; requestHash: string }

/** A hash that two requests share only when they ask for the same. */
export const hashRequest = (...parts: unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex')

/**
 * Runs `make` once for each key, inside the caller's transaction: what it writes and the reply that is kept
 * stand or fall together. A repeat gets the kept reply. A second request with the key that arrives while the
 * first is under way waits for it in the INSERT. Throws `idempotency.mismatch` for another request.
 */
export async function withIdempotencyKey<Reply>(
  query: Query,
  key: IdempotencyKey | undefined,
  make: () => Promise<Reply>,
): Promise<Reply> {
  if (!key) return make()
  const mine = await query(
    `INSERT INTO idempotency_keys (user_id, key, request_hash, reply) VALUES ($1, $2, $3, 'null'::json)
     ON CONFLICT DO NOTHING RETURNING key`,
    [key.userId, key.key, key.requestHash],
  )
  if (mine.length === 0) return earlierReply<Reply>(query, key)

  const reply = await make()
  await query('UPDATE idempotency_keys SET reply = $3 WHERE user_id = $1 AND key = $2', [
    key.userId,
    key.key,
    JSON.stringify(reply),
  ])
  return reply
}

async function earlierReply<Reply>(
  query: Query,
  { userId, key, requestHash }: IdempotencyKey,
): Promise<Reply> {
  const [kept] = await query<{ request_hash: string; reply: Reply }>(
    'SELECT request_hash, reply FROM idempotency_keys WHERE user_id = $1 AND key = $2',
    [userId, key],
  )
  if (kept?.request_hash !== requestHash) {
    throw new CutroomError(
      'idempotency.mismatch',
      'This Idempotency-Key was used for a request with another body; use a new key for a new request.',
    )
  }
  return kept.reply
}
