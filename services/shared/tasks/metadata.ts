import { createHash } from 'node:crypto'
import type { Metadata } from '../contract/tasks/metadata.ts'
import type { Query } from '../database/database.ts'
import type { TaskRow } from './rows.ts'

// The table task_metadata has a row for each key and value of a task's metadata: its index finds a user's tasks by them, in
// order of creation. The metadata itself is in tasks.

const hashOf = (pair: [key: string, value: string]): Buffer =>
  createHash('sha256').update(JSON.stringify(pair)).digest()

/** Makes a new task's metadata findable; without metadata it does nothing. */
export async function storeMetadata(
  query: Query,
  { id, user_id, created_at }: Pick<TaskRow, 'id' | 'user_id' | 'created_at'>,
  metadata: Metadata = {},
): Promise<void> {
  const pairs = Object.entries(metadata).map(hashOf)
  if (pairs.length === 0) return
  await query(
    'INSERT INTO task_metadata (task_id, user_id, created_at, pair) SELECT $1, $2, $3, unnest($4::bytea[])',
    [id, user_id, created_at, pairs],
  )
}

/**
 * A condition on rows of tasks of the user in $1: that they have all of this metadata. `addValue` adds a parameter to the statement
 * and returns its number.
 */
export const hasMetadata = (metadata: Metadata, addValue: (value: unknown) => number): string =>
  Object.entries(metadata)
    .map((pair) => {
      const parameter = addValue(hashOf(pair))
      return `tasks.id IN (SELECT task_id FROM task_metadata WHERE user_id = $1 AND pair = $${parameter}::bytea)`
    })
    .join(' AND ')
