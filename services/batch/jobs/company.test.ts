import { expect, test } from '@jest/globals'
import type { ClaimResult } from '#shared/tasks/job-repository.ts'
import { createCompany, type Entry } from './company.ts'
import { claim } from './testing/fakes.ts'

const claimed = (alone: boolean): ClaimResult => ({ kind: 'claimed', claim: { ...claim, alone } })

/** Enters and claims; `idle` is what the claim received. */
async function take(company: ReturnType<typeof createCompany>, result: ClaimResult) {
  const entry = (await company.enter()) as Entry
  let idle: boolean | undefined
  await entry.claim(async (isIdle) => {
    idle = isIdle
    return result
  })
  return { idle, leave: () => entry[Symbol.dispose]() }
}

test('only the first job of a process may be one that must run alone', async () => {
  const company = createCompany()
  const first = await take(company, claimed(false))
  const second = await take(company, claimed(false))
  expect([first.idle, second.idle]).toEqual([true, false])
  first.leave()
  expect((await take(company, claimed(false))).idle).toBe(false)
})

test('a job that must run alone has the process for itself until it ends', async () => {
  let ended = 0
  const company = createCompany(() => {
    ended += 1
  })
  const alone = await take(company, claimed(true))
  expect(await company.enter()).toBeUndefined()
  alone.leave()
  expect(ended).toBe(1)
  const next = await take(company, claimed(false))
  expect(next.idle).toBe(true)
  next.leave()
  expect(ended).toBe(1)
})

test('nobody claims beside a claim that may get such a job', async () => {
  const company = createCompany()
  const entry = (await company.enter()) as Entry
  const pending = Promise.withResolvers<ClaimResult>()
  const claiming = entry.claim(() => pending.promise)
  const others = [company.enter(), company.enter()]
  pending.resolve(claimed(true))
  await claiming
  expect(await Promise.all(others)).toEqual([undefined, undefined])
})

test('a claim that fails or finds nothing leaves the process idle', async () => {
  const company = createCompany()
  const entry = (await company.enter()) as Entry
  await expect(entry.claim(async () => Promise.reject(new Error('no database')))).rejects.toThrow(
    'no database',
  )
  entry[Symbol.dispose]()
  const none = await take(company, { kind: 'none' })
  expect(none.idle).toBe(true)
  none.leave()
  expect((await take(company, { kind: 'none' })).idle).toBe(true)
})
