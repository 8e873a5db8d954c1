import { sourceTooSlow } from '../source-errors.ts'
import { createWaitClock } from './wait-clock.ts'

/**
 * The least pace of a source: bytes per second (0: any), as an average over so many ms. It counts once the host has had
 * `graceMs` to begin.
 */
export type MinPace = { bytesPerSecond: number; windowMs: number; graceMs: number }

const CHECK_MS = 1000

/**
 * Watches the pace of one source over all of its requests. Only time counts during which a request waits for the host, so
 * that a source is not blamed for a slow consumer.
 */
export type Pace = {
  /** Aborted with `source.unavailable` once the source is too slow. */
  signal: AbortSignal
  /** Waits for the host. */
  during<T>(work: () => Promise<T>): Promise<T>
  /** The chunks of a body, as they come. */
  watch(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer>
}

/** Watches a source of a host. `now`: see createWaitClock. */
export function watchPace(
  host: string,
  { bytesPerSecond, windowMs, graceMs }: MinPace,
  now?: () => number,
): Pace {
  const clock = createWaitClock(now)
  const tooSlow = new AbortController()
  /** Bytes by the second of waiting in which they arrived, those of the last window only. */
  const received = new Map<number, number>()
  let waiting = 0
  let timer: NodeJS.Timeout | undefined

  function add(bytes: number) {
    const second = Math.floor(clock.ms() / 1000)
    received.set(second, (received.get(second) ?? 0) + bytes)
    for (const old of received.keys()) if (old < second - windowMs / 1000) received.delete(old)
  }

  function check() {
    const ms = clock.ms()
    if (bytesPerSecond === 0 || ms < graceMs + windowMs) return
    const from = (ms - windowMs) / 1000 - 1
    const bytes = [...received].reduce((sum, [second, some]) => (second > from ? sum + some : sum), 0)
    if (bytes < (bytesPerSecond * windowMs) / 1000)
      tooSlow.abort(sourceTooSlow(host, bytesPerSecond, windowMs))
  }

  async function during<T>(work: () => Promise<T>): Promise<T> {
    waiting += 1
    timer ??= setInterval(check, Math.min(CHECK_MS, windowMs / 10)).unref()
    try {
      return await clock.during(work)
    } finally {
      waiting -= 1
      if (waiting === 0) {
        clearInterval(timer)
        timer = undefined
      }
    }
  }

  return {
    signal: tooSlow.signal,
    during,
    async *watch(body) {
      const iterator = body[Symbol.asyncIterator]()
      try {
        for (;;) {
          const next = await during(() => iterator.next())
          if (next.done) return
          add(next.value.length)
          check()
          yield next.value
        }
      } finally {
        await iterator.return?.()
      }
    },
  }
}
