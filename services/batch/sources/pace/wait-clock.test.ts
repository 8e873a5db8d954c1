import { expect, test } from '@jest/globals'
import { createWaitClock } from './wait-clock.ts'

test('waiting for several things at a time counts once', async () => {
  let now = 0
  const clock = createWaitClock(() => now)
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  now = 5
  const waits = [clock.during(() => first.promise), clock.during(() => second.promise)]
  now = 15
  first.resolve()
  await waits[0]
  expect(clock.ms()).toBe(10)
  now = 25
  second.resolve()
  await waits[1]
  now = 99
  expect(clock.ms()).toBe(20)
})
