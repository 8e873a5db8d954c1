import { CutroomError } from '#shared/errors.ts'

/** The previews that this process is sending. */
export type PreviewStreams = {
  /**
   * Counts a preview of a user until it is closed; `signal` is aborted when it has to end before that, since newer ones need its
   * place.
   * @throws CutroomError `preview.unavailable` when there are too many in all
   */
  open(userId: string): PreviewStream
}

export type PreviewStream = { signal: AbortSignal; close(): void }

type OpenStream = PreviewStream & { userId: string; end(): void }

/**
 * A player opens a connection for each seek, and may keep those that it no longer reads: so a user's oldest ends for the newest.
 * When there are too many in all, the oldest of the user with most of them ends for one of a user with fewer.
 */
export function createPreviewStreams({ perUser, inAll }: { perUser: number; inAll: number }): PreviewStreams {
  /** By user, oldest first. */
  const streams = new Map<string, Set<OpenStream>>()
  let count = 0

  function close(stream: OpenStream) {
    const own = streams.get(stream.userId)
    if (!own?.delete(stream)) return
    count -= 1
    if (own.size === 0) streams.delete(stream.userId)
  }

  function endOldest(of: Set<OpenStream>) {
    const [oldest] = of
    if (!oldest) return
    close(oldest)
    oldest.end()
  }

  function makeSpace(own: Set<OpenStream>) {
    if (own.size >= perUser) return endOldest(own)
    if (count < inAll) return
    const [largest] = [...streams.values()].sort((a, b) => b.size - a.size)
    if (!largest || largest.size <= own.size + 1) throw tooMany()
    endOldest(largest)
  }

  return {
    open(userId) {
      makeSpace(streams.get(userId) ?? new Set())
      const ended = new AbortController()
      const stream: OpenStream = {
        userId,
        signal: ended.signal,
        close: () => close(stream),
        end: () => ended.abort(),
      }
      streams.set(userId, (streams.get(userId) ?? new Set()).add(stream))
      count += 1
      return stream
    },
  }
}

const tooMany = () =>
  new CutroomError('preview.unavailable', 'Too many previews are open; try again in 10 s.', {
    headers: { 'Retry-After': '10' },
  })
