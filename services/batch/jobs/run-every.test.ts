import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { runEvery } from './run-every.ts'
import { log, recordingLog } from './testing/fakes.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

test('waits for the interval before each run, and starts no run while one is in progress', async () => {
  let runs = 0
  let finish = () => {}
  const task = () => {
    runs += 1
    return new Promise<void>((resolve) => (finish = resolve))
  }
  const stop = runEvery(task, 1_000, { name: 'sweep', log })
  expect(runs).toBe(0)
  await jest.advanceTimersByTimeAsync(5_000)
  expect(runs).toBe(1)
  finish()
  await jest.advanceTimersByTimeAsync(999)
  expect(runs).toBe(1)
  await jest.advanceTimersByTimeAsync(1)
  expect(runs).toBe(2)
  finish()
  await stop()
})

test('logs a failed run and continues', async () => {
  let runs = 0
  const { log, lines } = recordingLog()
  const error = new Error('no database')
  const task = async () => {
    runs += 1
    throw error
  }
  const stop = runEvery(task, 1_000, { name: 'sweep', log })
  await jest.advanceTimersByTimeAsync(2_000)
  expect(runs).toBe(2)
  expect(lines[0]).toEqual({ event: 'periodic task failed', task: 'sweep', error })
  await stop()
})

test('stopping waits for the run in progress and starts no other', async () => {
  let runs = 0
  let finish = () => {}
  const task = () => {
    runs += 1
    return new Promise<void>((resolve) => (finish = resolve))
  }
  const stop = runEvery(task, 1_000, { name: 'sweep', log })
  await jest.advanceTimersByTimeAsync(1_000)
  let stopped = false
  const stopping = stop().then(() => (stopped = true))
  await jest.advanceTimersByTimeAsync(0)
  expect(stopped).toBe(false)
  finish()
  await stopping
  await jest.advanceTimersByTimeAsync(5_000)
  expect(runs).toBe(1)
})
