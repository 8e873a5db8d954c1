import type { TaskDetails } from '#shared/contract/tasks.ts'
import { isActive } from '#shared/tasks/status.ts'

export type AwaitedTask = {
  /** The current task. It may throw, which ends the wait. */
  fetch(): Promise<TaskDetails>
  /** Calls `onChange` when the task may have changed, until the returned function is called. Calls can be missed. */
  subscribe(onChange: () => void): () => void
  /** Whether the wait is over with this task, which need not have finished. */
  isNews(task: TaskDetails): boolean
  /** Ends the wait. */
  stopping: AbortSignal
}

/** How often the task is fetched without a notification, since notifications can be missed. */
const POLL_MS = 2_000

/**
 * Waits until a task has finished or is news, for so many seconds at most, and returns it as it is then.
 * @throws what `fetch` throws.
 */
export async function awaitTask(seconds: number, awaited: AwaitedTask): Promise<TaskDetails> {
  const end = AbortSignal.any([awaited.stopping, AbortSignal.timeout(seconds * 1000)])
  let change = Promise.withResolvers<void>()
  const wake = () => change.resolve()
  end.addEventListener('abort', wake)
  const unsubscribe = awaited.subscribe(wake)
  const poll = setInterval(wake, POLL_MS)
  try {
    for (;;) {
      // Renewed before the fetch, whose result may lack a change that happens meanwhile.
      change = Promise.withResolvers()
      const task = await awaited.fetch()
      if (end.aborted || !isActive(task.status) || awaited.isNews(task)) return task
      await change.promise
    }
  } finally {
    clearInterval(poll)
    unsubscribe()
  }
}
