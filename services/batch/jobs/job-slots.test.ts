import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { createJobSlots } from './job-slots.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

test('runs as much work at a time as there are slots', async () => {
  const slots = createJobSlots(1)
  const gate = Promise.withResolvers<string>()
  const first = slots.tryRun(() => gate.promise)
  expect(slots.tryRun(async () => 'second')).toBeUndefined()
  gate.resolve('first')
  expect(await first).toBe('first')
  expect(await slots.tryRun(async () => 'second')).toBe('second')
})

test('gives out no slot while it is paused', async () => {
  const slots = createJobSlots(2)
  const ends: boolean[] = []
  slots.pause(1_000, () => ends.push(slots.isPaused()))
  expect(slots.tryRun(async () => 'work')).toBeUndefined()
  expect(slots.isPaused()).toBe(true)
  jest.advanceTimersByTime(1_000)
  expect(ends).toEqual([false])
  expect(await slots.tryRun(async () => 'work')).toBe('work')
})
