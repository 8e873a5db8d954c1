import type { TaskDetails } from '../api.ts'
import type { Caller, CallOptions } from '../call.ts'
import { CutroomError } from '../errors.ts'
import { backoffMs, sleep } from '../http/backoff.ts'
import { readEvents } from '../http/sse.ts'

/** How often in a row a stream may break without a single event. */
const MAX_BREAKS = 10

export const isFinished = ({ status }: { status: string }) => !['queued', 'running'].includes(status)

/**
 * The task now and after each change, until it has finished. Streams that break are opened again, as when the service restarts, so
 * the same state may come twice.
 */
export async function* follow(
  caller: Caller,
  id: string,
  options: CallOptions = {},
): AsyncGenerator<TaskDetails> {
  for (let breaks = 0; breaks < MAX_BREAKS; breaks++) {
    const response = await caller.open('taskEvents', { path: { id } }, options)
    for await (const { event, data } of readEvents(response, options.signal)) {
      if (event !== 'task') continue
      breaks = 0
      const task: TaskDetails = JSON.parse(data)
      yield task
      if (isFinished(task)) return
    }
    await sleep(backoffMs(breaks + 1), options.signal)
  }
  throw new CutroomError('client.connection_failed', `The events of task ${id} ended before the task did.`)
}
