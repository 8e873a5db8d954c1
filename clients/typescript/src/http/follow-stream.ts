import type { CallOptions } from '../call.ts'
import { backoffMs, sleep } from './backoff.ts'
import type { Fail } from './problem.ts'
import { readEvents, type ServerEvent } from './sse.ts'

export type StreamOptions = CallOptions & {
  /** Called with true when the stream delivers, and with false when it has broken or ended: a program may poll until it is back. */
  onLive?: ((isLive: boolean) => void) | undefined
}

/** How often in a row a stream may break without a single event. */
const MAX_BREAKS = 10

/** The server-sent events of a stream that is opened again whenever it breaks. Does not end by itself. */
export async function* followStream(
  open: () => Promise<Response>,
  { signal, onLive }: StreamOptions,
  fail: Fail,
): AsyncGenerator<ServerEvent> {
  for (let breaks = 0; breaks < MAX_BREAKS; breaks++) {
    const response = await open()
    try {
      for await (const event of readEvents(response, signal)) {
        breaks = 0
        onLive?.(true)
        yield event
      }
    } finally {
      onLive?.(false)
    }
    await sleep(backoffMs(breaks + 1), signal)
  }
  throw fail('client.connection_failed', 'The stream of events broke several times in a row.')
}
