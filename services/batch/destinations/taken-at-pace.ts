import type { MinPace } from '../sources/pace/pace.ts'

/**
 * The chunks of a file that is sent to a host. The time until the next one is asked for is what the host took to receive one; how long
 * the storage takes does not count. A host that receives nothing at all is left to the connection's own timeout.
 * @throws what `tooSlow` returns, once the host was slower than the least pace for a window.
 */
export async function* takenAtPace(
  body: AsyncIterable<Buffer>,
  { bytesPerSecond, windowMs }: Pick<MinPace, 'bytesPerSecond' | 'windowMs'>,
  tooSlow: () => Error,
  now: () => number = () => performance.now(),
): AsyncGenerator<Buffer> {
  let window = { ms: 0, bytes: 0 }
  for await (const chunk of body) {
    const since = now()
    yield chunk
    window = { ms: window.ms + now() - since, bytes: window.bytes + chunk.length }
    if (window.ms < windowMs) continue
    if (window.bytes < (bytesPerSecond * window.ms) / 1000) throw tooSlow()
    window = { ms: 0, bytes: 0 }
  }
}
