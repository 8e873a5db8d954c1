import { createReadStream } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import pRetry from 'p-retry'
import { backoff } from '#shared/backoff.ts'
import { asCutroomError } from '#shared/errors.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { Storage } from '#shared/storage/port.ts'
import { attemptPrefix } from '#shared/tasks/job-repository.ts'
import type { Claim, StoredOutput } from '#shared/tasks/rows.ts'
import type { RenderedFile } from '../media/types.ts'

const MAX_TRIES = 4
/** 300 to 900 ms after the first try, twice and four times as long after the next two. */
const BACKOFF = { baseMs: 900, maxMs: 3_600, jitter: 2 / 3 }

type Deps = { storage: Storage; log: Logger; signal: AbortSignal }

/** A file that becomes an output. `copyOf`: the key of an object that holds its bytes, in place of a file at `path`. */
export type OutputFile = RenderedFile & { copyOf?: string }

/**
 * Stores an attempt's outputs under a prefix that no other attempt writes to; they become visible only when the
 * task's row names them. Outputs that were streamed to storage during the render are there already. If storing
 * fails, the objects are removed as far as the storage can be reached.
 *
 * @returns the outputs with their keys, and `discard`, which removes them all
 */
export async function storeOutputs(
  claim: Pick<Claim, 'taskId' | 'jobId' | 'attempt'>,
  rendered: OutputFile[],
  deps: Deps,
): Promise<{ outputs: StoredOutput[]; discard(): Promise<void> }> {
  const outputs: StoredOutput[] = rendered.map(({ path: _, sent: __, copyOf: ___, ...output }) => ({
    ...output,
    key: `${attemptPrefix(claim)}${output.name}`,
  }))
  const discard = () => removeAll(outputs, deps)
  try {
    for (const [index, output] of outputs.entries()) {
      const file = rendered[index]
      if (file && !file.sent) await storeOne(output, file, deps)
    }
    return { outputs, discard }
  } catch (error) {
    await discard()
    throw error
  }
}

function storeOne(output: StoredOutput, file: OutputFile, deps: Deps): Promise<void> {
  const { signal, log } = deps
  return pRetry(() => createObject(output, file, deps), {
    retries: MAX_TRIES - 1,
    // shouldRetry waits instead, for a random time and only until the signal is aborted.
    minTimeout: 0,
    async shouldRetry({ error, attemptNumber }) {
      if (signal.aborted || asCutroomError(error).code !== 'storage.unavailable') return false
      log.warn('storing an output failed; retrying', { key: output.key, try: attemptNumber, error })
      await sleep(backoff(attemptNumber, BACKOFF), undefined, { signal })
      return true
    },
  })
}

async function createObject(
  { key, content_type, bytes }: StoredOutput,
  { path, copyOf }: OutputFile,
  { storage, signal }: Deps,
): Promise<void> {
  const body = copyOf === undefined ? createReadStream(path) : await storage.read(copyOf, { signal })
  try {
    await storage.create(key, body, { contentType: content_type, signal })
  } catch (error) {
    // An earlier try succeeded but its reply was lost: nobody else writes below this prefix.
    const exists = asCutroomError(error).code === 'storage.exists'
    if (exists && (await storage.stat(key))?.bytes === bytes) return
    throw error
  }
}

async function removeAll(outputs: StoredOutput[], { storage, log }: Deps): Promise<void> {
  const removals = await Promise.allSettled(outputs.map(({ key }) => storage.remove(key)))
  const left = removals.filter(({ status }) => status === 'rejected').length
  if (left > 0) log.warn('outputs of an ended attempt were left for the sweep', { left })
}
