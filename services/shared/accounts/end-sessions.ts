import type { Query } from '../database/database.ts'

/**
 * Ends a user's sessions, all but `except`: their tokens are refused within seconds. Returns how many there were. For
 * whatever makes earlier logins doubtful, in the transaction that changes it.
 */
export async function endSessions(
  query: Query,
  userId: string,
  { except }: { except?: string | undefined } = {},
): Promise<number> {
  const ended = await query(
    'DELETE FROM sessions WHERE user_id = $1 AND id IS DISTINCT FROM $2::uuid RETURNING id',
    [userId, except ?? null],
  )
  return ended.length
}

/** Ends a user's sessions and revokes their API keys: whoever had access before has none within seconds. */
export async function endAccess(query: Query, userId: string): Promise<void> {
  await endSessions(query, userId)
  await query('DELETE FROM api_keys WHERE user_id = $1', [userId])
}
