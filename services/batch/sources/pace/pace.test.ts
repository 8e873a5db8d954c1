import { describe, expect, test } from '@jest/globals'
import type { CutroomError } from '#shared/errors.ts'
import { type MinPace, watchPace } from './pace.ts'

const MIN: MinPace = { bytesPerSecond: 64_000, windowMs: 30_000, graceMs: 10_000 }

/** A source whose chunks take time to arrive, on a clock of the test's own. */
function source(min = MIN) {
  const clock = { ms: 0 }
  const pace = watchPace('slow.example', min, () => clock.ms)
  async function* arriving(chunks: number, bytes: number, seconds: number) {
    for (let i = 0; i < chunks; i++) {
      clock.ms += seconds * 1000
      yield Buffer.alloc(bytes)
    }
  }
  /** Reads chunks of one request; `pause`: seconds that the consumer takes for each. */
  async function read(chunks: number, bytes: number, seconds: number, pause = 0) {
    for await (const _ of pace.watch(arriving(chunks, bytes, seconds))) clock.ms += pause * 1000
  }
  return { pace, read, isTooSlow: () => pace.signal.aborted }
}

describe('a source', () => {
  test('that trickles is too slow, after its grace and one window', async () => {
    const { pace, read, isTooSlow } = source()
    await read(3, 1, 10)
    expect(isTooSlow()).toBe(false)
    await read(1, 1, 10)
    expect(isTooSlow()).toBe(true)
    const error = pace.signal.reason as CutroomError
    expect(error).toMatchObject({ code: 'source.unavailable', retry: true, maxAttempts: 2 })
    expect(error.message).toBe(
      'Cannot fetch the source from slow.example: the host sent less than 64 kB/s for 30 s. Use a faster host, or upload the file.',
    )
  })

  test('that keeps the pace may go on for hours', async () => {
    const { read, isTooSlow } = source()
    await read(7200, 70_000, 1)
    expect(isTooSlow()).toBe(false)
  })

  test('that is too slow over many short requests is noticed', async () => {
    const { read, isTooSlow } = source()
    for (let block = 0; block < 5; block++) await read(1, 256 * 1024, 13)
    expect(isTooSlow()).toBe(true)
  })

  test('that began fast and then trickles is too slow one window later', async () => {
    const { read, isTooSlow } = source()
    await read(100, 10_000_000, 1)
    await read(30, 1000, 1)
    expect(isTooSlow()).toBe(false)
    await read(3, 1000, 1)
    expect(isTooSlow()).toBe(true)
  })

  test('is not blamed for a consumer that reads slowly', async () => {
    const { read, isTooSlow } = source()
    await read(100, 64_000, 0.1, 60)
    expect(isTooSlow()).toBe(false)
  })

  test('may take any time where no pace is asked for', async () => {
    const { read, isTooSlow } = source({ ...MIN, bytesPerSecond: 0 })
    await read(100, 1, 60)
    expect(isTooSlow()).toBe(false)
  })
})
