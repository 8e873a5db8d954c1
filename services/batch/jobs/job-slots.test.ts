import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { createJobSlots } from './job-slots.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

test('as many work at a time as there are places', async () => {
  const places = createJobSlots(1)
  const gate = Promise.withResolvers<string>()
  const first = places.tryRun(() => gate.promise)
  expect(places.tryRun(async () => 'second')).toBeUndefined()
  gate.resolve('first')
  expect(await first).toBe('first')
  expect(await places.tryRun(async () => 'second')).toBe('second')
})

test('while it rests no place is given away', async () => {
  const places = createJobSlots(2)
  places.pause(1_000)
  expect(places.tryRun(async () => 'work')).toBeUndefined()
  jest.advanceTimersByTime(1_000)
  expect(await places.tryRun(async () => 'work')).toBe('work')
})
