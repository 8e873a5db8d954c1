import type { MediaInfo } from '../contract/media-info.ts'
import type { Delivery } from '../contract/notify.ts'
import type { Recipe } from '../contract/recipe.ts'
import type { Attempt, TaskError, TaskOutput, TaskStatus } from '../contract/tasks.ts'

/** An output as the tasks table stores it; `key` is the object's key in storage. */
export type StoredOutput = Omit<TaskOutput, 'url'> & {
  name: string
  content_type: string
  bytes: number
  key: string
}

export type Channel = 'email' | 'webhook'

/** A notification of a task and its delivery state; `target` is the webhook's URL, null for e-mail. */
export type NotifyRow = Delivery & { channel: Channel; target: string | null }

/** A row of the tasks table, with its notifications. */
export type TaskRow = {
  id: string
  user_id: string
  status: TaskStatus
  preset: string | null
  recipe: Recipe
  progress: number
  attempts: number
  failures: Attempt[]
  error: TaskError | null
  sources: MediaInfo[]
  outputs: StoredOutput[]
  notify: NotifyRow[]
  created_at: Date
  updated_at: Date
  started_at: Date | null
  finished_at: Date | null
}

/** A job that this process holds until its lease expires. `attempt` is the fencing token. */
export type Claim = {
  jobId: string
  taskId: string
  userId: string
  attempt: number
  /** Attempts that counted against the task before this one. */
  failures: number
  /** The error that the previous attempt ended with; null for the first one. */
  lastFailure: Pick<Attempt, 'code' | 'message'> | null
  recipe: Recipe
}
