import { CutroomError } from '#shared/errors.ts'

export type EventStreamLimits = { perUser: number; perTask: number; inAll: number }

/** The event streams of this process. */
export type EventStreams = {
  /**
   * Counts a stream, of a task or of all of a user's events, until it is closed; `signal` is aborted when it has to end before that.
   * @throws CutroomError `request.rate_limited` when the user or the task has too many, `service.busy` when there are too many
   * in all.
   */
  open(userId: string, taskId?: string): Stream
}

export type Stream = { signal: AbortSignal; close(): void }

type OpenStream = Stream & { userId: string; taskId: string | undefined; end(): void }

/** When there are too many in all, a stream of the user with most of them ends for one of a user with fewer. */
export function createEventStreams({ perUser, perTask, inAll }: EventStreamLimits): EventStreams {
  /** By user, oldest first. */
  const streams = new Map<string, Set<OpenStream>>()
  let count = 0

  function close(stream: OpenStream) {
    const own = streams.get(stream.userId)
    if (!own?.delete(stream)) return
    count -= 1
    if (own.size === 0) streams.delete(stream.userId)
  }

  function makeSpace(ownCount: number) {
    if (count < inAll) return
    const [largest] = [...streams.values()].sort((a, b) => b.size - a.size)
    const [oldest] = largest ?? []
    if (!largest || !oldest || largest.size <= ownCount + 1) throw busy()
    close(oldest)
    oldest.end()
  }

  return {
    open(userId, taskId) {
      const own = streams.get(userId) ?? new Set()
      if (own.size >= perUser) throw tooMany(`${perUser} event streams`)
      const ofTask = [...own].filter((stream) => stream.taskId === taskId)
      if (taskId !== undefined && ofTask.length >= perTask)
        throw tooMany(`${perTask} event streams of this task`)
      makeSpace(own.size)
      const ended = new AbortController()
      const stream: OpenStream = {
        userId,
        taskId,
        signal: ended.signal,
        close: () => close(stream),
        end: () => ended.abort(),
      }
      streams.set(userId, own.add(stream))
      count += 1
      return stream
    },
  }
}

const tooMany = (what: string) =>
  new CutroomError('request.rate_limited', `You already have ${what} open; close one, or poll.`, {
    headers: { 'Retry-After': '5' },
  })

const busy = () =>
  new CutroomError('service.busy', 'Too many event streams are open; try again in 5 s, or poll.', {
    headers: { 'Retry-After': '5' },
  })
