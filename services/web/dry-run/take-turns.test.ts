import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import type { DryRunRequest, DryRunResult } from '#shared/contract/dry-run.ts'
import { takeTurns } from './take-turns.ts'

const forever = new AbortController().signal
const by = (user_id: string) => ({ user_id }) as DryRunRequest

/** A batch service whose dry runs take `ms`, and the order in which they began. */
function openBatch(ms: number) {
  const began: string[] = []
  const request = async ({ user_id }: DryRunRequest, signal: AbortSignal) => {
    began.push(user_id)
    await sleep(ms, undefined, { signal })
    return { problem: null } as DryRunResult
  }
  return { began, request }
}

test('users take turns', async () => {
  const { began, request } = openBatch(5)
  const dryRun = takeTurns(request, 1)
  await Promise.all(['eve', 'bob', 'ada', 'joe'].map((user) => dryRun(by(user), forever)))
  expect(began).toEqual(['eve', 'bob', 'ada', 'joe'])
})

test('a slow dry run ends early once others wait, and only then', async () => {
  const { began, request } = openBatch(150)
  const dryRun = takeTurns(request, 1, { maxWaitMs: 5_000, contendedMs: 20 })
  await expect(dryRun(by('eve'), forever)).resolves.toEqual({ problem: null })
  const slow = dryRun(by('eve'), forever)
  const waiting = dryRun(by('ada'), forever)
  await expect(slow).rejects.toMatchObject({ code: 'dry_run.unavailable', headers: { 'Retry-After': '10' } })
  await expect(waiting).resolves.toEqual({ problem: null })
  expect(began).toEqual(['eve', 'eve', 'ada'])
})

test('one that has waited too long is refused', async () => {
  const { request } = openBatch(100)
  const dryRun = takeTurns(request, 1, { maxWaitMs: 10, contendedMs: 5_000 })
  const first = dryRun(by('eve'), forever)
  await expect(dryRun(by('ada'), forever)).rejects.toMatchObject({ code: 'dry_run.unavailable' })
  await first
})
