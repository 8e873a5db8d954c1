import type { TaskStatus } from '../contract/tasks.ts'

/**
 * The life of a job, and with one job a task also of its task. The repositories carry it out in SQL, and a
 * test walks every pair of status and event to hold them to this table.
 *
 *     queued ──claim──▶ running ──finish──▶ succeeded
 *       ▲ ▲                │ ├────fail────▶ failed
 *       │ └───give back────┘ └────abort───▶ aborted
 *       └──────requeue (a failed one, at its owner's wish)
 */
const transitions = {
  claim: { from: ['queued'], to: 'running' },
  giveBack: { from: ['running'], to: 'queued' },
  finish: { from: ['running'], to: 'succeeded' },
  fail: { from: ['running'], to: 'failed' },
  abort: { from: ['queued', 'running'], to: 'aborted' },
  requeue: { from: ['failed'], to: 'queued' },
} as const satisfies Record<string, { from: readonly TaskStatus[]; to: TaskStatus }>

export type JobEvent = keyof typeof transitions

/** The status after an event, or undefined where the event may not happen. */
export function statusAfter(status: TaskStatus, event: JobEvent): TaskStatus | undefined {
  const { from, to }: { from: readonly TaskStatus[]; to: TaskStatus } = transitions[event]
  return from.includes(status) ? to : undefined
}

/** Whether work may still happen. */
export const isActive = (status: TaskStatus): boolean => status === 'queued' || status === 'running'
