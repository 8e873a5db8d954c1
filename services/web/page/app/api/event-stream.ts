import { backoffMs } from '#client/core.ts'

/** How a stream is opened. */
type OpenOptions = { signal: AbortSignal; onLive: (isLive: boolean) => void }

export type StreamOptions<Item> = {
  onItem: (item: Item) => void
  /** Whether events arrive. While they do not, the caller may poll. */
  onLive: (isLive: boolean) => void
}

/**
 * Follows a stream to its end or until it is stopped, and opens it again when the connection is back. In a page in the background it
 * pauses: browsers allow few connections to one host, and other tabs need them.
 * @returns what stops it.
 */
export function followStream<Item>(
  open: (options: OpenOptions) => AsyncIterable<Item>,
  { onItem, onLive }: StreamOptions<Item>,
): () => void {
  const stop = new AbortController()
  let pause: AbortController | undefined

  async function run() {
    for (let failures = 0; !stop.signal.aborted; ) {
      if (document.hidden) await nextEvent(document, 'visibilitychange', stop.signal)
      if (stop.signal.aborted || document.hidden) continue
      pause = new AbortController()
      try {
        for await (const item of open({ signal: AbortSignal.any([stop.signal, pause.signal]), onLive })) {
          failures = 0
          onItem(item)
        }
        return
      } catch {
        // Opened again below; requests of the view report what keeps being wrong.
      }
      if (stop.signal.aborted || document.hidden) continue
      // Ends by itself, and takes its listeners along.
      const wait = AbortSignal.any([stop.signal, AbortSignal.timeout(backoffMs(++failures))])
      await nextEvent(window, 'online', wait)
    }
  }

  document.addEventListener('visibilitychange', () => document.hidden && pause?.abort(), {
    signal: stop.signal,
  })
  run()
  return () => stop.abort()
}

/** Resolves with the next event of this name, or when the signal is aborted. */
function nextEvent(target: EventTarget, name: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    target.addEventListener(name, () => resolve(), { once: true, signal })
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
