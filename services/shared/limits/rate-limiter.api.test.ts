import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { openTestTasks, type TestTasks } from '#test/task-fixtures.ts'
import type { Policy } from './policy.ts'
import { createRateLimiter, type RateLimiter } from './rate-limiter.ts'

const ten: Policy = { name: 'ten', count: 10, windowMs: 60_000 }

let t: TestTasks
let limiter: RateLimiter
beforeAll(async () => {
  t = await openTestTasks()
})
afterAll(() => t?.close())
beforeEach(async () => {
  await t.database.query('TRUNCATE rate_limits')
  limiter = createRateLimiter(t.database.query)
})

const useTimes = async (count: number, policy = ten, subject = 'a') => {
  const verdicts = []
  for (let i = 0; i < count; i++) verdicts.push(await limiter.use(policy, subject))
  return verdicts
}
const allowed = (verdicts: { allowed: boolean }[]) => verdicts.filter((verdict) => verdict.allowed).length

describe('a quota', () => {
  test('can be used up at once, and says when more is available', async () => {
    const verdicts = await useTimes(11)
    expect(verdicts.map(({ remaining }) => remaining)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0])
    expect(verdicts.map((verdict) => verdict.allowed)).toEqual([...Array(10).fill(true), false])
    expect(verdicts[10]?.retryAfterMs).toBeGreaterThan(5_000)
    expect(verdicts[10]?.retryAfterMs).toBeLessThanOrEqual(6_000)
  })

  test('is not exceeded by concurrent requests of several instances', async () => {
    const instances = [limiter, createRateLimiter(t.database.query), createRateLimiter(t.database.query)]
    const uses = Array.from({ length: 60 }, (_, i) => instances[i % 3]?.use(ten, 'a'))
    expect(allowed((await Promise.all(uses)) as { allowed: boolean }[])).toBe(10)
  })

  test('belongs to one subject of one limit', async () => {
    await useTimes(10)
    expect(allowed([await limiter.use(ten, 'b'), await limiter.use({ ...ten, name: 'other' }, 'a')])).toBe(2)
  })

  test('becomes available again one by one', async () => {
    expect(allowed(await useTimes(11))).toBe(10)
    // As if 6 s had passed, for a limiter that has no refusals in memory.
    await t.database.query("UPDATE rate_limits SET until = until - interval '6 s'")
    limiter = createRateLimiter(t.database.query)
    expect(allowed(await useTimes(2))).toBe(1)
  })

  test.each([3, 6, 7, 100])('of %i allows exactly as many at once', async (count) => {
    const uses = Array.from({ length: count + 1 }, () =>
      limiter.use({ name: 'n', count, windowMs: 3_600_000 }, 'a'),
    )
    expect(allowed(await Promise.all(uses))).toBe(count)
  })

  test('gets back what is given back, also when it had just refused', async () => {
    await useTimes(11)
    await limiter.giveBack(ten, 'a')
    expect(allowed(await useTimes(2))).toBe(1)
    await limiter.forget(ten, 'a')
    expect(allowed(await useTimes(11))).toBe(10)
  })
})

test('a flood of refused requests costs the database one statement a second', async () => {
  let statements = 0
  let now = 0
  const counting = createRateLimiter(
    (...args) => {
      statements += 1
      return t.database.query(...args)
    },
    () => now,
  )
  for (let i = 0; i < 100; i++) await counting.use(ten, 'a')
  expect(statements).toBe(11)
  now = 1_001
  const verdict = await counting.use(ten, 'a')
  expect({ statements, allowed: verdict.allowed }).toEqual({ statements: 12, allowed: false })
})

test('a thousand requests at once hold one connection, and cost as many statements as there are uses', async () => {
  let statements = 0
  let running = 0
  let maxRunning = 0
  const counting = createRateLimiter(async (...args) => {
    statements += 1
    maxRunning = Math.max(maxRunning, ++running)
    return t.database.query<never>(...args).finally(() => running--)
  })
  const verdicts = await Promise.all(Array.from({ length: 1_000 }, () => counting.use(ten, 'a')))
  expect({ allowed: allowed(verdicts), maxRunning }).toEqual({ allowed: 10, maxRunning: 1 })
  expect(statements).toBeLessThan(20)
})

test('pauses grow after some uses, as the arithmetic says', async () => {
  const pausing: Policy = { ...ten, pause: { after: 3, maxMs: 4_000 } }
  const age = (seconds: number) =>
    t.database.query(`UPDATE rate_limits SET used_at = used_at - $1 * interval '1 s'`, [seconds])
  expect(allowed(await useTimes(4, pausing))).toBe(3)
  for (const pause of [1, 2, 4, 4]) {
    // A new limiter each time: it has no refusals in memory.
    limiter = createRateLimiter(t.database.query)
    const { allowed: now, retryAfterMs } = await limiter.use(pausing, 'a')
    expect({ now, seconds: Math.ceil(retryAfterMs / 1000) }).toEqual({ now: false, seconds: pause })
    await age(pause)
    limiter = createRateLimiter(t.database.query)
    expect((await limiter.use(pausing, 'a')).allowed).toBe(true)
  }
})

test('keys do not show whom they count', async () => {
  await limiter.use(ten, '192.0.2.7')
  const rows = await t.database.query('SELECT key FROM rate_limits')
  expect(rows).toEqual([{ key: expect.stringMatching(/^ten:[\w-]{22}$/) }])
})

test('the sweep deletes limits whose whole quota is available again', async () => {
  await limiter.use(ten, 'a')
  await limiter.use(ten, 'b')
  expect(await t.sweeps.expireRateLimits(10)).toBe(0)
  await t.database.query("UPDATE rate_limits SET until = now() - interval '1 ms'")
  expect(await t.sweeps.expireRateLimits(1)).toBe(1)
  expect(await t.sweeps.expireRateLimits(10)).toBe(1)
})
