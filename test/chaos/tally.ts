import { setTimeout as sleep } from 'node:timers/promises'
import type { Stack } from './stack.ts'

/** How many tasks are in each state. */
export type States = Record<'queued' | 'running' | 'succeeded' | 'failed' | 'aborted', number>

export async function countStates({ query }: Pick<Stack, 'query'>): Promise<States> {
  const rows = await query<{ status: keyof States; count: string }>(
    'SELECT status, count(*) FROM tasks GROUP BY status',
  )
  const states: States = { queued: 0, running: 0, succeeded: 0, failed: 0, aborted: 0 }
  for (const { status, count } of rows) states[status] = Number(count)
  return states
}

/** Waits until no task is queued or running, for at most `timeoutMs`; returns the counts at that moment. */
export async function untilOver(stack: Pick<Stack, 'query'>, timeoutMs: number): Promise<States> {
  const until = performance.now() + timeoutMs
  for (;;) {
    const states = await countStates(stack)
    if (states.queued + states.running === 0 || performance.now() > until) return states
    await sleep(200)
  }
}

/** The nearest-rank percentile: the smallest number that is at least as large as `share` of them. */
export function percentile(numbers: number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

/** "1 task", "2 tasks". */
export const count = (number: number, thing: string): string => `${number} ${thing}${number === 1 ? '' : 's'}`
