import type { TaskDetails } from '../api.ts'
import type { Caller } from '../call.ts'
import { taskEvents } from '../generated/routes.ts'
import { followStream, type StreamOptions } from '../http/follow-stream.ts'

export const isFinished = ({ status }: { status: string }) => !['queued', 'running'].includes(status)

/**
 * The task now and after each change, until it has finished. Streams that break are opened again, as when the service restarts, so
 * the same state may come twice.
 */
export async function* followTask(
  caller: Caller,
  id: string,
  options: StreamOptions = {},
): AsyncGenerator<TaskDetails> {
  const open = () => caller.open(taskEvents, { path: { id } }, options)
  for await (const { event, data } of followStream(open, options, caller.fail)) {
    if (event !== 'task') continue
    const task: TaskDetails = JSON.parse(data)
    yield task
    if (isFinished(task)) return
  }
}
