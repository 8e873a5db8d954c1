import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CutroomError } from '#shared/errors.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { Storage } from '#shared/storage/port.ts'
import { type BlockReader, createBlockReader } from './block-reader.ts'
import { createCopyQuota } from './copy-quota.ts'
import { copyToScratch, type SequentialBytes } from './copy-to-scratch.ts'
import { createGuardedFetch, type GuardedFetch } from './guarded-fetch.ts'
import { memoryBudget } from './memory-budget.ts'
import type { RangeServer } from './range-server.ts'
import { openRemoteSource } from './remote-source.ts'
import { sourceUnavailable } from './source-errors.ts'

/** A user's address, or the key of an object in storage. */
export type SourceOrigin = { url: string } | { key: string }

/**
 * `maxBytes` bounds each source; `readTimeoutMs` is how long one may say nothing. Of sources that give no ranges,
 * `scratchBytes` bounds what is copied into one folder: more is `source.too_large`. `copyBytes` does so where only a
 * look is wanted: more is `source.unavailable`.
 */
export type SourceLimits = {
  allowHosts: readonly string[]
  maxBytes: number
  readTimeoutMs: number
  scratchBytes?: number
  maxCopyBytes?: number
}

/** A source as ffmpeg may have it. */
export type OpenedSource = AsyncDisposable & {
  /** What goes behind ffmpeg's `-i`, and the options before it. */
  input: { url: string; inputOptions: string[]; readError(): CutroomError | undefined }
  /** Bytes fetched from afar until now. */
  bytesRead(): number
  /**
   * What kept ffmpeg from the bytes, if anything did. ffmpeg takes a source that breaks off for one that
   * ends, and may well exit with 0: ask after every run, and believe this rather than ffmpeg.
   */
  readError(): CutroomError | undefined
  /** Ends the reading and removes what was fetched. A second call does nothing. */
  close(): Promise<void>
}

export type Sources = {
  /**
   * Opens a source for reading: ranges of it over loopback, or, where the far end gives none, a copy in
   * scratchDir. Throws `source.refused`, `source.denied`, `source.not_found`, `source.unavailable`,
   * `source.too_large`, `upload.missing`, `media.unreadable` when it is empty, `media.disk_full`, and the signal's reason when aborted.
   */
  open(origin: SourceOrigin, scratchDir: string, signal: AbortSignal): Promise<OpenedSource>
  close(): Promise<void>
}

export type SourceParts = {
  storage: Pick<Storage, 'stat' | 'read'>
  limits: SourceLimits
  rangeServer: RangeServer
  log: Logger
  fetch?: GuardedFetch
}

/** All ways to a source's bytes. ffmpeg itself never opens an address of a user's. */
export function createSources(parts: SourceParts): Sources {
  const { storage, limits, rangeServer, log } = parts
  const fetch = parts.fetch ?? createGuardedFetch(limits)
  // Read together, sources share the memory that their bytes take.
  const readers = new Set<BlockReader>()
  const share = () => memoryBudget(readers.size)
  const copies = createCopyQuota(limits.maxCopyBytes ?? limits.scratchBytes)

  async function openAddress(url: string, scratchDir: string, signal: AbortSignal): Promise<OpenedSource> {
    const remote = await openRemoteSource(fetch, url, { maxBytes: limits.maxBytes, signal })
    if (remote.kind === 'sequential') return copied(remote, scratchDir, signal)
    return served(createBlockReader(remote.bytes, { head: remote.head, share }))
  }

  async function openObject(key: string): Promise<OpenedSource> {
    const object = await storage.stat(key)
    if (!object) throw new CutroomError('upload.missing', 'The upload holds no bytes: PUT them first.')
    if (object.bytes === 0) throw new CutroomError('media.unreadable', 'The upload is empty.')
    return served(createBlockReader(storedBytes(storage, key, object.bytes), { share }))
  }

  async function copied(
    source: SequentialBytes,
    scratchDir: string,
    signal: AbortSignal,
  ): Promise<OpenedSource> {
    const path = join(scratchDir, `source-${randomUUID()}`)
    const account = copies.open(scratchDir)
    const remove = async () => {
      await rm(path, { force: true })
      account.close()
    }
    try {
      const { maxBytes } = limits
      const bytes = await copyToScratch(source, path, { maxBytes, signal, onBytes: account.add })
      return opened(fileInput(path), { bytesRead: () => bytes, readError: () => undefined, close: remove })
    } catch (error) {
      await remove()
      if (isTooLarge(error) && limits.maxCopyBytes !== undefined)
        throw sourceUnavailable(
          source.host,
          'it gives no ranges, and is too large to be copied for a look',
          error,
        )
      throw error
    }
  }

  function served(reader: BlockReader): OpenedSource {
    const { url, close } = rangeServer.serve(reader)
    readers.add(reader)
    for (const each of readers) each.evict()
    return opened(loopbackInput(url, rangeServer.origin, limits.readTimeoutMs), {
      bytesRead: reader.bytesRead,
      readError: reader.readError,
      close: async () => {
        close()
        readers.delete(reader)
        log.debug('source closed', { bytes: reader.size, bytesRead: reader.bytesRead() })
      },
    })
  }

  return {
    open: (origin, scratchDir, signal) =>
      'url' in origin ? openAddress(origin.url, scratchDir, signal) : openObject(origin.key),
    close: () => fetch.close(),
  }
}

const isTooLarge = (error: unknown) => error instanceof CutroomError && error.code === 'source.too_large'

function opened(
  input: { url: string; inputOptions: string[] },
  rest: Pick<OpenedSource, 'bytesRead' | 'readError' | 'close'>,
): OpenedSource {
  return { input: { ...input, readError: rest.readError }, ...rest, [Symbol.asyncDispose]: rest.close }
}

const storedBytes = (storage: Pick<Storage, 'read'>, key: string, size: number) => ({
  size,
  name: 'the store',
  async *read(range: { start: number; end: number }, { signal }: { signal: AbortSignal }) {
    yield* await storage.read(key, { range, signal })
  },
})

const fileInput = (path: string) => ({ url: `file:${path}`, inputOptions: ['-protocol_whitelist', 'file'] })

const loopbackInput = (url: string, origin: string, readTimeoutMs: number) => ({
  url,
  inputOptions: [
    ...['-protocol_whitelist', 'http,tcp'],
    // Should a file ever get ffmpeg to open an address that it names, the range server is asked for it, as
    // if it were a proxy, and knows it not.
    ...['-http_proxy', origin],
    // Microseconds. The reader gives up first, after three tries, and knows why.
    ...['-rw_timeout', String(readTimeoutMs * 4 * 1000)],
  ],
})
