import type { MediaInfo } from '../contract/media-info.ts'
import type { Delivery } from '../contract/notify.ts'
import type { Recipe } from '../contract/recipe.ts'
import type { ShownDestination } from '../contract/tasks/destination.ts'
import type { Metadata } from '../contract/tasks/metadata.ts'
import type { Attempt, TaskError, TaskOutput, TaskStatus } from '../contract/tasks.ts'
import { SUMMARY_OUTPUTS } from '../contract/tasks.ts'
import type { JobKind } from './status.ts'

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

/**
 * Columns of TaskRow, for a statement that selects from tasks. The plan is not among them: that of a long task is large.
 */
export const TASK_COLUMNS = `tasks.id, tasks.user_id, tasks.status, tasks.preset, tasks.recipe, tasks.progress,
  tasks.attempts, tasks.failures, tasks.error, tasks.sources, tasks.outputs, tasks.created_at, tasks.updated_at,
  tasks.started_at, tasks.finished_at, tasks.expanded_at, tasks.metadata, tasks.priority, tasks.destination, tasks.source_names[1] AS name`

/** A row of the tasks table, with its notifications. */
export type TaskRow = {
  id: string
  user_id: string
  /** The name of the first source; null for tasks of earlier versions. */
  name: string | null
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
  /** When its work was divided into several jobs; null for a task with one job. */
  expanded_at: Date | null
  metadata: Metadata
  priority: number
  /** Without secrets; see destinations.ts. */
  destination: ShownDestination | null
}

/** Columns of TaskSummaryRow. The database cuts outputs short: those of 100 tasks may be megabytes. */
export const SUMMARY_COLUMNS = `tasks.id, tasks.status, tasks.preset, tasks.progress, tasks.attempts, tasks.error - 'log_tail' AS error,
  jsonb_path_query_array(tasks.outputs, '$[0 to ${SUMMARY_OUTPUTS - 1}]') AS outputs,
  jsonb_array_length(tasks.outputs) AS output_count, tasks.source_names[1] AS name, tasks.created_at, tasks.started_at, tasks.finished_at`

/** A row of a list: the first outputs only, and their number. */
export type TaskSummaryRow = Pick<
  TaskRow,
  | 'id'
  | 'name'
  | 'status'
  | 'preset'
  | 'progress'
  | 'attempts'
  | 'error'
  | 'outputs'
  | 'notify'
  | 'created_at'
  | 'started_at'
  | 'finished_at'
> & { output_count: number }

/** An expanded task's jobs of one kind and status. */
export type JobGroup = {
  kind: JobKind
  status: TaskStatus
  count: number
  /** Estimated CPU seconds of these jobs, and of the part of them that is done. */
  weight: number
  done: number
}

/** A task with a summary of its jobs, which does not grow with their number; empty for a task with one job. */
export type TaskDetailsRow = TaskRow & { jobs: JobGroup[] }

/** A job that this process holds until its lease expires. `attempt` is the fencing token. */
export type Claim = {
  jobId: string
  taskId: string
  userId: string
  kind: JobKind
  attempt: number
  /** Attempts at this job that counted against the task before this one. */
  failures: number
  /** The error that the previous attempt at this job ended with; null for the first one. */
  lastFailure: Pick<Attempt, 'code' | 'message'> | null
  recipe: Recipe
  /** Where the outputs are sent, without secrets; null or left out for nowhere. */
  destination?: ShownDestination | null
  /** What this job works on, as `expand` was given it; an empty object for a `render`. */
  params: unknown
  /** What the jobs of the task have in common, as `expand` was given it; null for a `render`. */
  plan: unknown
  /** The build that planned the job; null for a `render`. */
  build: string | null
  /** Workers that ran it beside other jobs died: it must not share this one. */
  alone: boolean
}
