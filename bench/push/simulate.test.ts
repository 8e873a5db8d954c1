import { describe, expect, test } from '@jest/globals'
import { createClock } from './clock.ts'
import { createPushBackoff, pushBackoffS } from './push-backoff.ts'
import { type SimulatedTask, simulate, type Way } from './simulate.ts'

const burst = (count: number, seconds: number, user = 'ada'): SimulatedTask[] =>
  Array.from({ length: count }, () => ({ at: 0, user, seconds }))

test('the clock runs what is due in order, also what is added meanwhile', () => {
  const clock = createClock()
  const log: string[] = []
  const note = (name: string) => () => void log.push(`${name} ${clock.now()}`)
  clock.at(2, note('c'))
  clock.at(1, () => {
    note('a')()
    clock.at(1, note('b'))
  })
  clock.at(2, note('d'))
  clock.run()
  expect(log).toEqual(['a 1', 'b 1', 'c 2', 'd 2'])
})

describe('the back-off of the subscription', () => {
  test.each([
    [0, 0],
    [1, 0.5],
    [5, 45],
    [50, 60],
  ])('%d refusals a second: a message every %d s', (rate, seconds) => {
    expect(pushBackoffS(rate)).toBeCloseTo(seconds)
  })

  test('ends when there are no more refusals', () => {
    const backoff = createPushBackoff()
    for (let i = 0; i < 50; i++) backoff.refused(100)
    expect(backoff.delayS(100)).toBeCloseTo(45)
    expect(backoff.delayS(111)).toBe(0)
  })
})

describe('a backlog', () => {
  test.each<Way>(['pull', 'push', 'push-each'])('is worked off, whatever the queue does (%s)', (way) => {
    const { waitsS, endedS } = simulate({ tasks: burst(50, 10), slots: 2, way })
    expect(waitsS.every((wait) => wait >= 0)).toBe(true)
    expect(endedS).toBeGreaterThanOrEqual(250)
  })

  test('that fits into the slots at once is never refused', () => {
    expect(simulate({ tasks: burst(4, 10), slots: 4, way: 'push' })).toMatchObject({
      refused: 0,
      deadLettered: 0,
    })
  })

  test('keeps pulling workers busy from the first second to the last', () => {
    expect(simulate({ tasks: burst(50, 10), slots: 2, way: 'pull' })).toMatchObject({
      endedS: 250,
      busy: 1,
      pushes: 0,
    })
  })

  test('is refused less often where a slot claims the next job itself', () => {
    const [self, each] = (['push', 'push-each'] as const).map((way) =>
      simulate({ tasks: burst(200, 3), slots: 6, way }),
    )
    expect(self?.refused).toBeLessThan((each?.refused ?? 0) / 2)
  })

  test('waits for the window to open, the less the wider it is at first', () => {
    const [narrow, wide] = [1, 8].map((firstWindow) =>
      simulate({ tasks: burst(200, 3), slots: 6, way: 'push', delivery: { firstWindow } }),
    )
    expect(wide?.endedS).toBeLessThan(narrow?.endedS ?? 0)
    expect(wide?.busy).toBeGreaterThan(0.9)
  })
})

test('users take turns: the task of another user waits for one job, not for the backlog', () => {
  const tasks = [...burst(100, 10), { at: 5, user: 'bob', seconds: 1 }]
  expect(simulate({ tasks, slots: 1, way: 'pull' }).waitsS.at(-1)).toBe(5)
})

test('a push that is still open after the deadline is repeated, and its job is not', () => {
  const { waitsS, pushes } = simulate({ tasks: burst(1, 700), slots: 2, way: 'push' })
  expect(waitsS).toEqual([0])
  expect(pushes).toBeGreaterThan(1)
})

test('a message that is refused too often is dead-lettered, and its task is done all the same', () => {
  const tasks = [{ at: 0, user: 'ada', seconds: 500 }, ...burst(1, 1, 'bob')]
  const { deadLettered, waitsS } = simulate({
    tasks,
    slots: 1,
    way: 'push',
    delivery: { maxDeliveryAttempts: 2, firstWindow: 8 },
  })
  expect(deadLettered).toBeGreaterThan(0)
  expect(waitsS[1]).toBeGreaterThanOrEqual(500)
})
