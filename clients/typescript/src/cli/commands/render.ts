import type { CreateTask, TaskDetails } from '../../api.ts'
import type { Client } from '../../client.ts'
import type { Context } from '../command.ts'
import { bar } from '../terminal.ts'
import { toClock } from '../times.ts'

/** Shows a task's progress until it has finished. Resolves to the succeeded task; rejects with its error. */
export async function watchTask(
  id: string,
  label: string,
  client: Client,
  context: Context,
): Promise<TaskDetails> {
  const { terminal, signal } = context
  signal.addEventListener('abort', () => terminal.note(`The task goes on: cutroom watch ${id}`), {
    once: true,
  })
  return client.tasks.wait(id, {
    signal,
    onProgress: (task) => terminal.progress(label, `${label}  ${progressText(task)}`),
  })
}

/** Creates a task and shows its progress until it has finished. */
export async function render(
  task: CreateTask,
  label: string,
  client: Client,
  context: Context,
  idempotencyKey?: string,
): Promise<TaskDetails> {
  const { id } = await client.tasks.create(task, { signal: context.signal, idempotencyKey })
  return watchTask(id, label, client, context)
}

function progressText({ status, progress, seconds_left }: TaskDetails): string {
  const left = seconds_left ? `, ${toClock(seconds_left)} left` : ''
  return `${status.padEnd(9)} ${bar(progress)}${left}`
}
