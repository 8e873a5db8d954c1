import type { CreateTask, TaskDetails } from '../../api.ts'
import type { Client } from '../../client.ts'
import { isRetryable } from '../../http/transport.ts'
import type { Context } from '../command.ts'
import type { Progress } from '../progress-line.ts'
import { toClock } from '../times.ts'

/** Shows a task's progress, in the line `key`, until it has finished. Resolves to the succeeded task; rejects with its error. */
export async function watchTask(
  id: string,
  label: string,
  client: Client,
  context: Context,
  key = id,
): Promise<TaskDetails> {
  const { terminal, signal } = context
  try {
    return await client.tasks.wait(id, {
      signal,
      onProgress: (task) => terminal.progress(key, toProgress(label, task)),
    })
  } catch (error) {
    if (signal.aborted || isRetryable(error)) terminal.note(`The task goes on: cutroom watch ${id}`)
    // Programs read it in the JSON of the error.
    throw error instanceof Error ? Object.assign(error, { taskId: id }) : error
  }
}

/** Creates a task and shows its progress, in the line `key`, until it has finished. */
export async function render(
  task: CreateTask,
  label: string,
  client: Client,
  context: Context,
  key: string,
): Promise<TaskDetails> {
  const { id } = await client.tasks.create(task, { signal: context.signal })
  return watchTask(id, label, client, context, key)
}

const toProgress = (label: string, { status, progress, seconds_left }: TaskDetails): Progress => ({
  label,
  status,
  percent: progress,
  note: seconds_left ? `, ${toClock(seconds_left)} left` : '',
})
