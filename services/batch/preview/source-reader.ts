import { ReadSourceRequest } from '#shared/contract/inspect/source-links.ts'
import { CutroomError } from '#shared/errors.ts'
import { busyError, startDeadline, stoppingError } from '../dry-run/short-work.ts'
import { createJobSlots } from '../jobs/job-slots.ts'
import type { GuardedFetch } from '../sources/guarded-fetch.ts'
import { createHostConnections, type HostConnections } from '../sources/host-connections.ts'
import { readBlock, type SourceBlock } from '../sources/read-block.ts'
import { ownHeaders } from '../sources/request-headers.ts'
import { directLink } from '../sources/share-links.ts'

export type SourceReaderDeps = {
  fetch: GuardedFetch
  /** `concurrency`: how many at a time. `deadlineMs`: limit for one of them. `maxBytes`: largest size of a source. */
  settings: { concurrency: number; deadlineMs: number; maxBytes: number }
}

export type SourceReader = {
  /**
   * Reads a block of a user's URL for a preview. It ends when `signal` is aborted.
   * @throws CutroomError `service.busy` when too many reads are in progress, `service.stopping`, `source.unavailable` when
   * nothing has arrived by the deadline, and what readBlock throws
   */
  read(request: ReadSourceRequest, signal?: AbortSignal): Promise<SourceBlock>
  /** Resolves when nothing is being read. */
  drained(): Promise<void>
}

/** Creates a reader with slots of its own: previews must neither wait for jobs nor delay them. */
export function createSourceReader(
  { fetch, settings: { concurrency, deadlineMs, maxBytes } }: SourceReaderDeps,
  stopping: AbortSignal,
): SourceReader {
  const slots = createJobSlots(concurrency)
  const connectionsOf = shareByUser()

  async function read(request: ReadSourceRequest, signal: AbortSignal): Promise<SourceBlock> {
    const { user_id: userId, url, headers, start, end } = request
    using deadline = startDeadline('preview', deadlineMs, { stopping, timedOut: timedOut(deadlineMs) })
    using connections = connectionsOf(userId)
    const own = headers && ownHeaders(url, headers)
    const requestInTurn: GuardedFetch = {
      ...fetch,
      get: (address, options) => fetch.get(address, { ...options, own, connections: connections.value }),
    }
    // Headers are meant for this very URL.
    const link = headers ? url : directLink(url)
    return await readBlock(
      requestInTurn,
      link,
      { start, end },
      {
        maxBytes,
        signal,
        deadline: deadline.signal,
      },
    )
  }

  return {
    async read(request, signal = new AbortController().signal) {
      if (stopping.aborted) throw stoppingError()
      const result = slots.tryRun(() => read(request, signal))
      if (!result) throw busyError('preview')
      return result
    },
    drained: slots.drained,
  }
}

/** The connections of each user who has reads in progress, for hosts that serve one request at a time. */
function shareByUser(): (userId: string) => Disposable & { value: HostConnections } {
  const shared = new Map<string, { value: HostConnections; count: number }>()
  return (userId) => {
    const entry = shared.get(userId) ?? { value: createHostConnections(), count: 0 }
    entry.count += 1
    shared.set(userId, entry)
    return {
      value: entry.value,
      [Symbol.dispose]() {
        entry.count -= 1
        if (entry.count === 0) shared.delete(userId)
      },
    }
  }
}

const timedOut = (ms: number) =>
  new CutroomError(
    'source.unavailable',
    `The source could not be read within ${ms / 1000} s: its host is too slow for a preview. A task has more time and may still succeed.`,
  )

/** Validates the body of a request. @throws CutroomError `request.invalid`, naming each invalid field */
export function readSourceRequest(body: unknown): ReadSourceRequest {
  const { data, error } = ReadSourceRequest.safeParse(body)
  if (data) return data
  throw new CutroomError('request.invalid', 'The request to read a source has invalid fields; see errors.', {
    fields: error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
  })
}
