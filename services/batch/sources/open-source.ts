import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { SourceHeaders } from '#shared/contract/recipe.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Logger } from '#shared/observability/logger.ts'
import { createRecentSet } from '#shared/recent-set.ts'
import type { ByteRange, Storage } from '#shared/storage/port.ts'
import { type BlockReader, createBlockReader } from './block-reader.ts'
import { createCopyQuota } from './copy-quota.ts'
import { copyToScratch, type SequentialBytes } from './copy-to-scratch.ts'
import { createGuardedFetch, type GuardedFetch, type GuardedRequest } from './guarded-fetch.ts'
import { createHostConnections, type HostConnections } from './host-connections.ts'
import { memoryBudget, READ_ONCE } from './memory-budget.ts'
import { type MinPace, watchPace } from './pace/pace.ts'
import { createWaitClock, type WaitClock } from './pace/wait-clock.ts'
import type { RangeServer } from './range-server.ts'
import type { RangedBytes } from './ranged-bytes.ts'
import { answersRanges, isWrongRange, openRemoteSource, openWholeFile } from './remote-source.ts'
import { ownHeaders } from './request-headers.ts'
import { directLink } from './share-links.ts'
import { isUnreachable, sourceUnavailable } from './source-errors.ts'
import { copiedInput, type SourceInput, servedInput, storedInput } from './source-input.ts'

/**
 * A user's URL with request headers of the user's own, or the key of an object in storage. `readOnce`: it is read from its
 * beginning to its end, and nothing of it is kept in memory, so that thousands can be open.
 */
export type SourceOrigin =
  | { url: string; headers?: SourceHeaders | undefined }
  | { key: string; readOnce?: boolean }

export type SourceLimits = {
  allowHosts: readonly string[]
  /** Largest size of one source. */
  maxBytes: number
  /** Read timeout: how long a host may send nothing. */
  readTimeoutMs: number
  /** How slowly a host may send; as slowly as it likes when left out. */
  minPace?: MinPace
  /** For jobs: most bytes copied into one directory from hosts without range requests; above, `source.too_large`. */
  scratchBytes?: number
  /** For dry runs: the same limit; above, `source.unavailable`, since a job may copy more. */
  maxCopyBytes?: number
}

/** A source that ffmpeg can read. */
export type OpenedSource = AsyncDisposable & {
  input: SourceInput
  /** Bytes fetched so far. */
  bytesRead(): number
  /**
   * What kept ffmpeg from the bytes, if anything did. ffmpeg treats a source that breaks off like one that ends,
   * and may exit with 0: check this after each run.
   */
  readError(): CutroomError | undefined
  /** Ends all reading and removes the copy. A second call does nothing. */
  close(): Promise<void>
}

/** Marks work that only waits for a host: whoever opens a source may use the time otherwise. */
export type WhileWaiting = <T>(work: () => Promise<T>) => Promise<T>

export type Sources = {
  /**
   * Opens a source: served in ranges over loopback or, if its host does not support range requests, copied into
   * `scratchDir`. Sources of the same job pass the same signal. `whileWaiting` runs what comes before: until a host has sent the
   * first bytes of a file, or all of a small one.
   * @throws CutroomError `source.refused`, `source.denied`, `source.not_found`, `source.rejected`, `source.not_media`,
   * `source.unavailable`,
   * `source.too_large`, `upload.missing`, `media.disk_full`, `media.unreadable` when it is empty; the signal's
   * reason when aborted.
   */
  open(
    origin: SourceOrigin,
    scratchDir: string,
    signal: AbortSignal,
    whileWaiting?: WhileWaiting,
  ): Promise<OpenedSource>
  /** How long work on the sources of a job has waited for their bytes, in ms. `signal`: the one they were opened with. */
  waitedMs(signal: AbortSignal): number
  close(): Promise<void>
}

export type SourcesDeps = {
  storage: Pick<Storage, 'stat' | 'read' | 'filePath'>
  limits: SourceLimits
  rangeServer: RangeServer
  log: Logger
  fetch?: GuardedFetch
}

const MAX_RECENT_LINKS = 1000

/** The way to the bytes of all sources. ffmpeg itself never opens a user's URL. */
export function createSources(deps: SourcesDeps): Sources {
  const { storage, limits, rangeServer, log } = deps
  const fetch = deps.fetch ?? createGuardedFetch(limits)
  // All open sources share one memory budget.
  const readers = new Set<BlockReader>()
  const budget = () => memoryBudget(readers.size)
  // Their hosts answered ranges wrongly while ffmpeg was reading: the next attempt copies the file.
  const linksToCopy = createRecentSet<string>(MAX_RECENT_LINKS)
  // All sources of a job are opened with the same signal.
  const connections = new WeakMap<AbortSignal, HostConnections>()
  const connectionsOf = (job: AbortSignal) => {
    const known = connections.get(job) ?? createHostConnections()
    connections.set(job, known)
    return known
  }
  const clocks = new WeakMap<AbortSignal, WaitClock>()
  const clockOf = (job: AbortSignal) => {
    const known = clocks.get(job) ?? createWaitClock()
    clocks.set(job, known)
    return known
  }
  const copyQuota = createCopyQuota(limits.maxCopyBytes ?? limits.scratchBytes)

  async function openUrl(
    { url, headers }: Extract<SourceOrigin, { url: string }>,
    scratchDir: string,
    signal: AbortSignal,
    whileWaiting: WhileWaiting,
  ): Promise<OpenedSource> {
    // Headers are meant for this very URL.
    const link = headers ? url : directLink(url)
    const options = { maxBytes: limits.maxBytes, signal }
    const fetchInTurn = fetchWith(fetch, {
      connections: connectionsOf(signal),
      own: headers && ownHeaders(url, headers),
      ...(limits.minPace && { pace: watchPace(hostOf(link), limits.minPace) }),
    })
    const copyWhole = async () =>
      openCopy(await whileWaiting(() => openWholeFile(fetchInTurn, link, options)), scratchDir, signal)
    if (linksToCopy.has(link)) return copyWhole()
    const remote = await whileWaiting(() => openRemoteSource(fetchInTurn, link, options))
    if (remote.kind === 'sequential') return openCopy(remote, scratchDir, signal)
    if (!(await whileWaiting(() => answersRanges(remote, signal)))) return copyWhole()
    const waiting = clockOf(signal).during
    const reader = createBlockReader(remote.bytes, { head: remote.head, budget, waiting })
    return openServed(reader, () => mayCopyInstead(reader) && linksToCopy.add(link))
  }

  /** Whether the next attempt should read the whole file in order, after this one failed to read ranges. */
  function mayCopyInstead(reader: BlockReader): boolean {
    const error = reader.readError()
    if (isWrongRange(error)) return true
    const maxBytes = limits.maxCopyBytes ?? limits.scratchBytes ?? Number.POSITIVE_INFINITY
    return error?.code === 'source.unavailable' && !isUnreachable(error) && reader.size <= maxBytes
  }

  async function openObject({
    key,
    readOnce = false,
  }: Extract<SourceOrigin, { key: string }>): Promise<OpenedSource> {
    const object = await storage.stat(key)
    if (!object) {
      throw new CutroomError('upload.missing', 'The upload has no bytes yet. PUT the file to its URL first.')
    }
    if (object.bytes === 0) {
      throw new CutroomError('media.unreadable', 'The upload is empty. Upload a media file.')
    }
    const path = readOnce ? undefined : await storage.filePath?.(key)
    if (path) return openStored(key, path, object.bytes)
    const bytes = storedBytes(storage, key, object.bytes)
    if (readOnce) return serve(createBlockReader(bytes, { budget: () => READ_ONCE }))
    return openServed(createBlockReader(bytes, { budget }))
  }

  /**
   * Has ffmpeg read the file itself: reading it for ffmpeg took a twelfth of the time of a reel. Only the files of one job are
   * shown to its tools, and they are as local as a copy would be.
   */
  function openStored(key: string, path: string, bytes: number): OpenedSource {
    const removed = () => new CutroomError('storage.not_found', `The object ${key} has been removed.`)
    return toOpenedSource(
      { ...storedInput(path), version: { bytes, tag: null } },
      {
        bytesRead: () => bytes,
        readError: () => (existsSync(path) ? undefined : removed()),
        close: async () => undefined,
      },
    )
  }

  async function openCopy(
    source: SequentialBytes,
    scratchDir: string,
    signal: AbortSignal,
  ): Promise<OpenedSource> {
    const path = join(scratchDir, `source-${randomUUID()}`)
    const reservation = copyQuota.open(scratchDir)
    const remove = async () => {
      await rm(path, { force: true })
      reservation.release()
    }
    try {
      const options = { maxBytes: limits.maxBytes, signal, onBytes: reservation.add }
      const bytes = await copyToScratch(source, path, options)
      return toOpenedSource(
        { ...copiedInput(path), version: { bytes, tag: null } },
        {
          bytesRead: () => bytes,
          readError: () => undefined,
          close: remove,
        },
      )
    } catch (error) {
      await remove()
      throw limits.maxCopyBytes !== undefined && isTooLarge(error) ? tooLargeToCopy(source, error) : error
    }
  }

  /** Serves a reader that shares the memory budget. */
  function openServed(reader: BlockReader, onClose: () => void = () => {}): OpenedSource {
    readers.add(reader)
    for (const each of readers) each.evict()
    return serve(reader, () => {
      readers.delete(reader)
      onClose()
    })
  }

  function serve(reader: BlockReader, onClose: () => void = () => {}): OpenedSource {
    const { url, close } = rangeServer.serve(reader)
    const version = { bytes: reader.size, tag: reader.tag }
    return toOpenedSource(
      { ...servedInput(url, rangeServer, limits.readTimeoutMs), version },
      {
        bytesRead: reader.bytesRead,
        readError: reader.readError,
        close: async () => {
          close()
          onClose()
          log.debug('source closed', { bytes: reader.size, bytesRead: reader.bytesRead() })
        },
      },
    )
  }

  return {
    open: (origin, scratchDir, signal, whileWaiting = (work) => work()) =>
      'url' in origin
        ? clockOf(signal).during(() => openUrl(origin, scratchDir, signal, whileWaiting))
        : openObject(origin),
    waitedMs: (signal) => clocks.get(signal)?.ms() ?? 0,
    close: () => fetch.close(),
  }
}

/** Adds to every request what is the same for all requests of a source. */
const fetchWith = (
  fetch: GuardedFetch,
  common: Pick<GuardedRequest, 'connections' | 'own' | 'pace'>,
): GuardedFetch => ({
  ...fetch,
  get: (url, request) => fetch.get(url, { ...request, ...common }),
})

const hostOf = (link: string): string => URL.parse(link)?.host ?? 'the given address'

const isTooLarge = (error: unknown) => error instanceof CutroomError && error.code === 'source.too_large'

const tooLargeToCopy = ({ host }: SequentialBytes, cause: unknown) =>
  sourceUnavailable(
    host,
    'the host does not support range requests, and the file is too large to copy for a dry run',
    cause,
  )

function toOpenedSource(
  input: Omit<SourceInput, 'readError'>,
  rest: Pick<OpenedSource, 'bytesRead' | 'readError' | 'close'>,
): OpenedSource {
  return { input: { ...input, readError: rest.readError }, ...rest, [Symbol.asyncDispose]: rest.close }
}

const storedBytes = (storage: Pick<Storage, 'read'>, key: string, size: number): RangedBytes => ({
  size,
  name: 'storage',
  async *read(range: ByteRange, { signal }) {
    yield* await storage.read(key, { range, signal })
  },
})
