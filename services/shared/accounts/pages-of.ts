import type { Query } from '../database/database.ts'

/** Small, because a task with hundreds of parts is large. */
const PAGE = 20

/**
 * All rows of a user in a table with the columns user_id, created_at and id, oldest first, a page at a time: however many there
 * are, only one page is in memory. `columns` must include created_at and id.
 */
export async function* pagesOf<Row extends { id: string; created_at: Date }>(
  query: Query,
  userId: string,
  { table, columns }: { table: string; columns: string },
): AsyncGenerator<Row[]> {
  let after: { id: string; created_at: Date | string } = {
    id: '00000000-0000-0000-0000-000000000000',
    created_at: '-infinity',
  }
  for (;;) {
    const rows = await query<Row>(
      `SELECT ${columns} FROM ${table} WHERE user_id = $1 AND (created_at, id) > ($2::timestamptz, $3::uuid)
       ORDER BY created_at, id LIMIT ${PAGE}`,
      [userId, after.created_at, after.id],
    )
    if (rows.length > 0) yield rows
    const last = rows.at(-1)
    if (!last || rows.length < PAGE) return
    after = last
  }
}
