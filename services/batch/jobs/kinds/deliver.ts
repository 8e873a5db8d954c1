import type { StoredOutput } from '#shared/tasks/rows.ts'
import type { storeOutputs } from '../store-outputs.ts'
import type { Attempt } from './work.ts'

type Stored = Awaited<ReturnType<typeof storeOutputs>>

/**
 * Sends the outputs of a task to its destination, if it has one, and returns them with where each went. On an error, the stored
 * objects are removed.
 * @throws CutroomError what revealing the destination and sending throw.
 */
export async function deliver(
  { outputs, discard }: Stored,
  { claim, deps, signal }: Attempt,
): Promise<StoredOutput[]> {
  try {
    const destination = await deps.destinations.reveal(claim)
    return destination ? await deps.delivery.deliver(outputs, destination, signal) : outputs
  } catch (error) {
    await discard()
    throw error
  }
}
