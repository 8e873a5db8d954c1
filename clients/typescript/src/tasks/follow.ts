import type { TaskDetails } from '../api.ts'
import type { Caller } from '../call.ts'
import { getTask, taskEvents } from '../generated/routes.ts'
import { ApiError } from '../http/api-error.ts'
import { backoffMs, sleep } from '../http/backoff.ts'
import { followStream, type StreamOptions } from '../http/follow-stream.ts'
import type { OutgoingRequest } from '../http/transport.ts'

export const isFinished = ({ status }: { status: string }) => !['queued', 'running'].includes(status)

/** All event streams that the account may have are open, or all that the service may have. */
const isLimited = (error: unknown): error is ApiError =>
  error instanceof ApiError && ['request.rate_limited', 'service.busy'].includes(error.code)

/** As `backoffMs` counts them: a few seconds. */
const POLL_ATTEMPT = 4

/**
 * The task now and after each change, until it has finished. Streams that break are opened again, as when the service restarts, so
 * the same state may come twice. Rejects when the account or the service has too many streams.
 */
export async function* streamTask(
  caller: Caller,
  id: string,
  options: StreamOptions & Pick<OutgoingRequest, 'isFinal'> = {},
): AsyncGenerator<TaskDetails> {
  const open = () => caller.open(taskEvents, { path: { id } }, options)
  for await (const { event, data } of followStream(open, options, caller.fail)) {
    if (event !== 'task') continue
    const task: TaskDetails = JSON.parse(data)
    yield task
    if (isFinished(task)) return
  }
}

/** As `streamTask`; while the account or the service has too many streams, the task is polled. */
export async function* followTask(
  caller: Caller,
  id: string,
  options: StreamOptions = {},
): AsyncGenerator<TaskDetails> {
  for (;;) {
    try {
      yield* streamTask(caller, id, { ...options, isFinal: isLimited })
      return
    } catch (error) {
      if (!isLimited(error)) throw error
      const task = await caller.call(getTask, { path: { id } }, options)
      yield task
      if (isFinished(task)) return
      await sleep(backoffMs(POLL_ATTEMPT, error.retryAfter), options.signal)
    }
  }
}
