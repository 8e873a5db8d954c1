import type { Query } from '../../database/database.ts'
import { CutroomError } from '../../errors.ts'
import { lockTaskQuota } from '../quotas.ts'
import type { TaskRow } from '../rows.ts'
import { insertTask, type NewTask, type TaskSettings } from './insert-task.ts'

/** `all`: the first task that cannot be created ends all of it. `each`: the others are created nevertheless. */
export type BatchMode = 'all' | 'each'

/** A task that was created, or why it was not. */
export type Inserted = TaskRow | CutroomError

/**
 * Writes tasks in the caller's transaction, in order, each with its quotas. Those that a caller has found to be impossible, given as
 * their errors, are passed on. Returns a result for each, and the jobs of those that were created.
 * @throws CutroomError what insertTask throws, for mode `all` with the number of the task.
 */
export async function insertTasks(
  query: Query,
  tasks: (NewTask | CutroomError)[],
  mode: BatchMode,
  settings: TaskSettings,
): Promise<{ inserted: Inserted[]; jobIds: string[] }> {
  const first = tasks.find((task) => !(task instanceof CutroomError))
  if (first && !(first instanceof CutroomError)) await lockTaskQuota(query, first.userId)
  const inserted: Inserted[] = []
  const jobIds: string[] = []
  for (const [index, task] of tasks.entries()) {
    const created = task instanceof CutroomError ? task : await insertOrExplain(query, task, settings)
    if (created instanceof CutroomError) {
      if (mode === 'all') throw ofTask(created, index)
      inserted.push(created)
    } else {
      inserted.push(created.row)
      jobIds.push(created.jobId)
    }
  }
  return { inserted, jobIds }
}

/** Writes a task, or returns why it cannot be: a quota may be found used up when most of it is written. */
async function insertOrExplain(query: Query, task: NewTask, settings: TaskSettings) {
  await query('SAVEPOINT one_task')
  try {
    const created = await insertTask(query, task, settings)
    await query('RELEASE SAVEPOINT one_task')
    return created
  } catch (error) {
    if (!(error instanceof CutroomError) || error.status >= 500) throw error
    await query('ROLLBACK TO SAVEPOINT one_task')
    return error
  }
}

/** An error of one task of a batch, by its index, as that of the whole request. */
export const ofTask = ({ code, message, fields, headers }: CutroomError, index: number): CutroomError =>
  new CutroomError(code, `Task ${index + 1} of the batch: ${message}`, {
    headers,
    ...(fields && { fields: fields.map((field) => ({ ...field, path: `tasks.${index}.${field.path}` })) }),
  })
