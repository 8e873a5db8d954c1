import { Destination, hideSecrets } from '../contract/tasks/destination.ts'
import type { Database, Query } from '../database/database.ts'
import { CutroomError } from '../errors.ts'
import { type SealingKeys, seal, unseal } from '../seal.ts'
import type { Claim } from './rows.ts'

// The table task_destinations has a row for each task with a destination that has not ended for good: a trigger, in the migration,
// deletes it when the task succeeds or is aborted, and the sweep some time after it has failed. What may be shown is in tasks.

/** A destination as the tasks table stores it: JSON without secrets, or null. */
export const toShownColumn = (destination: Destination | undefined): string | null =>
  destination ? JSON.stringify(hideSecrets(destination)) : null

/** What the sealed text belongs to: request headers of the same task are sealed with its id alone. */
const contextOf = (taskId: string) => `destination ${taskId}`

/**
 * Stores the destination of a new task, encrypted for this task alone.
 * @throws CutroomError `destination.disabled` without a key.
 */
export async function storeDestination(
  query: Query,
  taskId: string,
  destination: Destination | undefined,
  keys: SealingKeys,
): Promise<void> {
  if (!destination) return
  checkDestinationKey(destination, keys)
  await query('INSERT INTO task_destinations (task_id, sealed) VALUES ($1, $2)', [
    taskId,
    seal(JSON.stringify(destination), contextOf(taskId), keys),
  ])
}

/** Throws `destination.disabled` for a destination that could not be stored. */
export function checkDestinationKey(destination: Destination | undefined, keys: SealingKeys): void {
  if (!destination || keys.length > 0) return
  throw new CutroomError(
    'destination.disabled',
    'This installation cannot store credentials, because SECRETS_KEY is not set. Download the outputs instead.',
  )
}

/** Gives workers the destination of their task. */
export type DestinationReader = {
  /**
   * Undefined for a task without one, which asks nothing of the database.
   * @throws CutroomError `destination.expired` when it was deleted, `service.wrong_key` when no key decrypts it.
   */
  reveal(claim: Pick<Claim, 'taskId' | 'destination'>): Promise<Destination | undefined>
}

export const destinationReader = (
  { query }: Pick<Database, 'query'>,
  keys: SealingKeys,
): DestinationReader => ({
  async reveal({ taskId, destination }) {
    if (!destination) return undefined
    const [row] = await query<{ sealed: Buffer }>('SELECT sealed FROM task_destinations WHERE task_id = $1', [
      taskId,
    ])
    if (!row) throw expired()
    const text = unseal(row.sealed, contextOf(taskId), keys)
    if (text === undefined) throw wrongKey()
    return Destination.parse(JSON.parse(text))
  },
})

const expired = () =>
  new CutroomError(
    'destination.expired',
    'The credentials of the destination were deleted some days after the task had failed. Create the task again, with its destination.',
  )

const wrongKey = () =>
  new CutroomError(
    'service.wrong_key',
    'The credentials of the destination cannot be decrypted with any key in SECRETS_KEY of batch.',
  )
