import type { Metadata } from '../contract/tasks/metadata.ts'
import type { ListQuery, TaskStatus } from '../contract/tasks.ts'
import type { Database } from '../database/database.ts'
import { type Cursor, cursorOf } from './cursor.ts'
import { hasMetadata } from './metadata.ts'
import { NOTIFY_COLUMN } from './notifications.ts'
import { SUMMARY_COLUMNS, type TaskSummaryRow } from './rows.ts'
import { isActive } from './status.ts'

export type PageQuery = Pick<ListQuery, 'max' | 'order'> & {
  /** What the order is of: when tasks were created, or when they finished, which leaves out those that have not. */
  sort?: ListQuery['sort'] | undefined
  status?: TaskStatus[] | undefined
  metadata?: Metadata | undefined
  /** Part of the name of a source or of one of the first outputs, whatever its case. */
  search?: string | undefined
  after?: Cursor | undefined
}

export type TaskPage = { rows: TaskSummaryRow[]; next: Cursor | undefined }

/** How many tasks a page looks through for a name. */
const MAX_SCANNED = 2_000

const FINISHED: TaskStatus[] = ['succeeded', 'failed', 'aborted']

/**
 * One page of a user's tasks and where the next one starts. Costs the same however many tasks there are: each status is read from an
 * index, in order, and a search looks through a bounded number, so that a page of it can be short or empty before the last one.
 */
export async function listTasks(
  { query }: Pick<Database, 'query'>,
  userId: string,
  { max, order, sort = 'created', status, metadata, search, after }: PageQuery,
): Promise<TaskPage> {
  const [direction, beyond] = order === '0' ? ['ASC', '>'] : ['DESC', '<']
  const at = sort === 'finished' ? 'finished_at' : 'created_at'
  const inOrder = `ORDER BY at ${direction}, id ${direction}`
  const limit = search === undefined ? max + 1 : MAX_SCANNED
  const values: unknown[] = [userId, limit]
  const add = (value: unknown) => `$${values.push(value)}`

  const conditions = ['user_id = $1']
  if (metadata) conditions.push(hasMetadata(metadata, (value) => values.push(value)))
  if (after)
    conditions.push(`(${at}, id) ${beyond} (${add(after.createdAt)}::timestamptz, ${add(after.id)}::uuid)`)
  const wanted = sort === 'finished' ? (status ?? FINISHED).filter((one) => !isActive(one)) : status
  const ofStatus = (more: string[]) =>
    `(SELECT id, ${at} AS at, search_text FROM tasks WHERE ${[...conditions, ...more].join(' AND ')} ${inOrder} LIMIT $2)`
  const branches = wanted ? wanted.map((one) => ofStatus([`status = ${add(one)}::status`])) : [ofStatus([])]
  if (branches.length === 0) return { rows: [], next: undefined }
  const scanned = `SELECT * FROM (${branches.join(' UNION ALL ')}) candidates ${inOrder} LIMIT $2`

  if (search === undefined) {
    const rows = await query<TaskSummaryRow>(
      `SELECT ${SUMMARY_COLUMNS}, ${NOTIFY_COLUMN} FROM (${scanned}) page JOIN tasks USING (id) ${inOrder}`,
      values,
      // How many tasks have the metadata decides how to find them: such a statement is planned each time.
      metadata
        ? undefined
        : `task-list-${direction}-${sort}-${wanted?.length ?? 'any'}-${after ? 'after' : 'first'}`,
    )
    const last = rows.length > max ? rows[max - 1] : undefined
    return { rows: rows.slice(0, max), next: last && cursorAt(last, sort) }
  }

  const [result] = await query<{
    rows: string[] | null
    scanned: string
    last: { at: string; id: string } | null
  }>(
    `WITH scanned AS (${scanned})
     SELECT (SELECT json_agg(id ${inOrder}) FROM (
         SELECT id, at FROM scanned WHERE position(lower(${add(search.normalize('NFC'))}) IN normalize(search_text)) > 0
         ${inOrder} LIMIT ${add(max + 1)}::int
       ) found) AS rows, count(*) AS scanned,
       (SELECT json_build_object('at', at, 'id', id) FROM (SELECT * FROM scanned ${inOrder} OFFSET $2 - 1) end_of_scan) AS last
     FROM scanned`,
    values,
  )
  const ids = result?.rows ?? []
  const rows = await query<TaskSummaryRow>(
    `SELECT ${SUMMARY_COLUMNS}, ${NOTIFY_COLUMN} FROM unnest($1::uuid[]) WITH ORDINALITY AS page (id, position)
     JOIN tasks USING (id) WHERE user_id = $2 ORDER BY position`,
    [ids.slice(0, max), userId],
    'task-list-found',
  )
  const last = ids.length > max ? rows.at(-1) : undefined
  if (last) return { rows, next: cursorAt(last, sort) }
  const end = result?.last
  return { rows, next: end ? { createdAt: new Date(end.at).toISOString(), id: end.id } : undefined }
}

const cursorAt = (row: TaskSummaryRow, sort: ListQuery['sort']): Cursor =>
  sort === 'finished' && row.finished_at
    ? cursorOf({ id: row.id, created_at: row.finished_at })
    : cursorOf(row)
