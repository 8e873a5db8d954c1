import type { TaskStatus } from '../contract/tasks.ts'

/**
 * The state machine of a job and, since a task has one job, of its task. The repositories implement it in SQL; a test
 * runs every pair of status and event against them to keep the SQL and this table in step.
 *
 *     queued ──claim──▶ running ──finish──▶ succeeded
 *       ▲ ▲                │ ├────fail────▶ failed
 *       │ └───give back────┘ └────abort───▶ aborted
 *       └──────requeue (a failed job, when its owner asks for it)
 */
const TRANSITIONS = {
  claim: { from: ['queued'], to: 'running' },
  giveBack: { from: ['running'], to: 'queued' },
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
