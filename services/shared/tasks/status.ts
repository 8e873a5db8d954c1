import type { Attempt, TaskStatus } from '../contract/tasks.ts'

/**
 * What a job does: `render` renders a whole task, or plans the others. `measure` measures loudness, `chunk` encodes
 * a range of frames, `audio` all of the audio, `stitch` joins them into the task's outputs.
 */
export type JobKind = 'render' | NonNullable<Attempt['job']>

/**
 * The state machine of a job. The repositories implement it in SQL; a test runs every pair of status and event against
 * them to keep the SQL and this table in step.
 *
 *     queued ──claim──▶ running ──expand, complete, finish──▶ succeeded
 *       ▲ ▲                │ ├────fail────▶ failed
 *       │ └───give back────┘ └────abort───▶ aborted
 *       └──────requeue (a failed job, when its owner asks for it)
 *
 * A job that fails aborts the queued and running jobs of its task, and a requeue queues those again as well.
 */
const TRANSITIONS = {
  claim: { from: ['queued'], to: 'running' },
  giveBack: { from: ['running'], to: 'queued' },
  expand: { from: ['running'], to: 'succeeded' },
  complete: { from: ['running'], to: 'succeeded' },
  finish: { from: ['running'], to: 'succeeded' },
  fail: { from: ['running'], to: 'failed' },
  abort: { from: ['queued', 'running'], to: 'aborted' },
  requeue: { from: ['failed'], to: 'queued' },
} as const satisfies Record<string, { from: readonly TaskStatus[]; to: TaskStatus }>

export type JobEvent = keyof typeof TRANSITIONS

/** The status after an event, or undefined where the event is not allowed. */
export function statusAfter(status: TaskStatus, event: JobEvent): TaskStatus | undefined {
  const { from, to }: { from: readonly TaskStatus[]; to: TaskStatus } = TRANSITIONS[event]
  return from.includes(status) ? to : undefined
}

/** Whether a task in this status is still queued or running. */
export const isActive = (status: TaskStatus): boolean => status === 'queued' || status === 'running'

/**
 * The status of a task, which follows from its jobs. The job that ends a task is its only one, a `render`, or its
 * `stitch`; the `render` of an expanded task succeeds when it has planned the others.
 */
export function taskStatusOf(jobs: readonly { kind: JobKind; status: TaskStatus }[]): TaskStatus {
  const has = (status: TaskStatus) => jobs.some((job) => job.status === status)
  const lastKind: JobKind = jobs.length === 1 ? 'render' : 'stitch'
  if (has('failed')) return 'failed'
  if (has('aborted')) return 'aborted'
  if (jobs.some(({ kind, status }) => kind === lastKind && status === 'succeeded')) return 'succeeded'
  return has('running') || has('succeeded') ? 'running' : 'queued'
}
