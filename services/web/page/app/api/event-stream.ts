import { openStream } from './request.ts'
import { type ServerEvent, sseParser } from './sse-parser.ts'

/** `EventSource` cannot send a token, so the stream is read from a request. */

/** Reads a stream of events to its end. @throws ApiError when it cannot be opened; an AbortError when it was stopped. */
async function read(
  path: string,
  {
    lastId,
    signal,
    onEvent,
  }: { lastId: string | undefined; signal: AbortSignal; onEvent: (event: ServerEvent) => void },
): Promise<void> {
  const response = await openStream(path, {
    signal,
    headers: { Accept: 'text/event-stream', ...(lastId !== undefined && { 'Last-Event-ID': lastId }) },
  })
  const feed = sseParser(onEvent)
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) feed(part.value)
}

const FIRST_DELAY_MS = 500
const MAX_DELAY_MS = 30_000

export type StreamOptions = {
  onEvent: (event: ServerEvent) => void
  /** Whether events arrive. While they do not, the caller may poll. */
  onLive: (isLive: boolean) => void
  /** Asked when a stream has ended: whether to open it again. */
  isOver?: () => boolean
}

/**
 * Follows a stream of events until it is stopped, and continues after the last event when the connection was lost or the token had
 * expired. In a page in the background it pauses: browsers allow few connections to one host, and other tabs need them.
 * @returns what stops it.
 */
export function followStream(
  path: string,
  { onEvent, onLive, isOver = () => false }: StreamOptions,
): () => void {
  const stop = new AbortController()
  let lastId: string | undefined
  let delay = FIRST_DELAY_MS
  let pause: AbortController | undefined

  async function run() {
    while (!stop.signal.aborted && !isOver()) {
      if (document.hidden) await nextEvent(document, 'visibilitychange', stop.signal)
      if (stop.signal.aborted || document.hidden) continue
      pause = new AbortController()
      try {
        await read(path, {
          lastId,
          signal: AbortSignal.any([stop.signal, pause.signal]),
          onEvent(event) {
            lastId = event.id ?? lastId
            delay = FIRST_DELAY_MS
            onLive(true)
            onEvent(event)
          },
        })
      } catch {
        // Opened again below; requests of the view report what keeps being wrong.
      }
      onLive(false)
      if (stop.signal.aborted || isOver() || document.hidden) continue
      // Ends by itself, and takes its listeners along.
      const wait = AbortSignal.any([stop.signal, AbortSignal.timeout(delay)])
      await nextEvent(window, 'online', wait)
      delay = Math.min(delay * 2, MAX_DELAY_MS)
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
