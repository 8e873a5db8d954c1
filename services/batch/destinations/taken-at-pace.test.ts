import { expect, test } from '@jest/globals'
import { takenAtPace } from './taken-at-pace.ts'

const PACE = { bytesPerSecond: 1000, windowMs: 10_000 }

async function* chunks(count: number) {
  for (let i = 0; i < count; i++) yield Buffer.alloc(1000)
}

/** How many of 100 chunks of 1000 bytes a host gets that takes so many seconds for each. */
async function sentTo(secondsEach: number, pace = PACE): Promise<number> {
  let ms = 0
  let sent = 0
  const slow = new Error('too slow')
  try {
    for await (const { length } of takenAtPace(
      chunks(100),
      pace,
      () => slow,
      () => ms,
    )) {
      ms += 1000 * secondsEach
      sent += length / 1000
    }
  } catch (error) {
    if (error !== slow) throw error
  }
  return sent
}

test('a host that keeps the pace gets the file', async () => {
  expect(await sentTo(0.9)).toBe(100)
  expect(await sentTo(60, { ...PACE, bytesPerSecond: 0 })).toBe(100)
})

test('one that takes a little now and then does not', async () => {
  expect(await sentTo(2)).toBe(5)
  expect(await sentTo(120)).toBe(1)
})
