import type { TaskDetails } from '../api.ts'
import type { Caller, CallOptions } from '../call.ts'
import { CutroomError } from '../errors.ts'
import { backoffMs, sleep } from '../http/backoff.ts'
import { eventsOf } from './sse.ts'

/** How often in a row a stream may break without a single event. */
const MAX_BREAKS = 10

const isFinished = ({ status }: { status: string }) => !['queued', 'running'].includes(status)

/**
 * The task now and after each change, until it has finished. Streams that break are opened again, as when the service restarts, so
 * the same state may come twice.
 */
export async function* follow(
  caller: Caller,
  id: string,
  options: CallOptions = {},
): AsyncGenerator<TaskDetails> {
  let breaks = 0
  while (breaks < MAX_BREAKS) {
    const response = await caller.open('taskEvents', { path: { id } }, options)
    const events = eventsOf<TaskDetails>(response, 'task')
    for (;;) {
      const task = await nextOf(events, options.signal)
      if (!task) break
      breaks = 0
      yield task
      if (isFinished(task)) return
    }
    breaks += 1
    await sleep(backoffMs(breaks), options.signal)
  }
  throw new CutroomError('client.connection_failed', `The events of task ${id} ended before the task did.`)
}

/** The next event; undefined when the stream has ended or broken. */
async function nextOf(
  events: AsyncGenerator<TaskDetails>,
  signal?: AbortSignal,
): Promise<TaskDetails | undefined> {
  try {
    const { done, value } = await events.next()
    return done ? undefined : value
  } catch {
    signal?.throwIfAborted()
    return undefined
  }
}
