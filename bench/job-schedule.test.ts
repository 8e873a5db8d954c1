import { describe, expect, test } from '@jest/globals'
import { makespan, workOn } from './job-schedule.ts'

// An audio job of 3 s, four chunks of 2 s, and a stitch of 1 s that waits for all of them.
const JOBS = [3, 2, 2, 2, 2, 1].map((seconds, i) => ({ seconds, unblocks: i < 5 ? 5 : null }))

describe('makespan', () => {
  test.each([
    [1, 12],
    [2, 7],
    [5, 4],
    [100, 4],
  ])('on %i workers', (workers, seconds) => {
    expect(makespan(JOBS, workers)).toBe(seconds)
  })

  test('a job that waits for another starts when that ends, not before', () => {
    const chain = [
      { seconds: 2, unblocks: 1 },
      { seconds: 3, unblocks: null },
    ]
    expect(makespan(chain, 5)).toBe(5)
  })
})

test('jobs are worked on in order, as many at a time as there are slots', async () => {
  const log: string[] = []
  let running = 0
  await workOn(JOBS, 2, async (index) => {
    running += 1
    log.push(`${index}: ${running}`)
    await Promise.resolve()
    running -= 1
  })
  expect(log.map((line) => Number.parseInt(line, 10))).toEqual([0, 1, 2, 3, 4, 5])
  expect(Math.max(...log.map((line) => Number(line.split(': ')[1])))).toBe(2)
  expect(log.at(-1)).toBe('5: 1')
})
