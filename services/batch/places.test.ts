import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { createPlaces } from './places.ts'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

test('as many work at a time as there are places', async () => {
  const places = createPlaces(1)
  const gate = Promise.withResolvers<string>()
  const first = places.take(() => gate.promise)
  expect(places.take(async () => 'second')).toBeUndefined()
  gate.resolve('first')
  expect(await first).toBe('first')
  expect(await places.take(async () => 'second')).toBe('second')
})

test('while it rests no place is given away', async () => {
  const places = createPlaces(2)
  places.rest(1_000)
  expect(places.take(async () => 'work')).toBeUndefined()
  jest.advanceTimersByTime(1_000)
  expect(await places.take(async () => 'work')).toBe('work')
})
