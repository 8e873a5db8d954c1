import { type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { type ApiError, streamTask } from '#client/core.ts'
import type { TaskDetails } from '#shared/contract/tasks.ts'
import { followStream } from '../../api/event-stream.ts'
import { fetchTask } from '../../api/operations.ts'
import { apiError, caller } from '../../api/request.ts'
import { usePolling } from '../poll.ts'
import { isActive } from '../task-list.ts'

const POLL_MS = 1_500
/** With events, in case that one was lost. */
const LIVE_MS = 30_000

type Followed = {
  task: Signal<TaskDetails | undefined>
  error: Signal<ApiError | undefined>
  reload: () => void
}

/** A task as it changes, until it has finished: by its events, and by asking again where there are none. */
export function useTask(id: string): Followed {
  const task = useSignal<TaskDetails | undefined>(undefined)
  const error = useSignal<ApiError | undefined>(undefined)
  const reloads = useSignal(0)
  const isLive = useSignal(false)
  const active = task.value !== undefined && isActive(task.value)

  usePolling(
    async (signal) => {
      try {
        task.value = await fetchTask(id, signal)
        error.value = undefined
        if (!isActive(task.value)) return undefined
        return isLive.peek() ? LIVE_MS : POLL_MS
      } catch (thrown) {
        if (signal.aborted) return undefined
        error.value = apiError(thrown)
        if (error.value.status === 404) return undefined
        throw thrown
      }
    },
    [id, reloads.value, isLive.value],
  )
  useEffect(() => {
    if (!active) return
    return followStream((options) => streamTask(caller, id, options), {
      onLive: (live) => (isLive.value = live),
      onItem: (changed) => (task.value = changed),
    })
  }, [id, active])
  return { task, error, reload: () => (reloads.value += 1) }
}
