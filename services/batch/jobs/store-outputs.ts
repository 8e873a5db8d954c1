import { createReadStream } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { asCutroomError } from '#shared/errors.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { Storage } from '#shared/storage/port.ts'
import { attemptPrefix } from '#shared/tasks/job-repository.ts'
import type { Claim, StoredOutput } from '#shared/tasks/rows.ts'
import type { RenderedFile } from '../media/types.ts'

const tries = 4
const firstPauseMs = 300

type Deps = { storage: Storage; log: Logger; signal: AbortSignal }

/**
 * Puts an attempt's outputs under a prefix of its own, where no other attempt writes: what is there becomes
 * visible only when the task's row names it. Those that were sent while they were made are there already. On
 * failure nothing is left, as far as the store can be reached.
 */
export async function storeOutputs(
  claim: Pick<Claim, 'taskId' | 'jobId' | 'attempt'>,
  made: RenderedFile[],
  deps: Deps,
): Promise<{ outputs: StoredOutput[]; discard(): Promise<void> }> {
  const outputs: StoredOutput[] = made.map(({ path: _, sent: __, ...output }) => ({
    ...output,
    key: `${attemptPrefix(claim)}${output.name}`,
  }))
  const discard = () => removeAll(outputs, deps)
  try {
    for (const [index, output] of outputs.entries()) {
      const from = made[index]
      if (from && !from.sent) await storeOne(output, from.path, deps)
    }
    return { outputs, discard }
  } catch (error) {
    await discard()
    throw error
  }
}

async function storeOne({ key, content_type, bytes }: StoredOutput, path: string, deps: Deps): Promise<void> {
  const { storage, signal, log } = deps
  for (let tried = 1; ; tried++) {
    try {
      await storage.create(key, createReadStream(path), { contentType: content_type, signal })
      return
    } catch (thrown) {
      const error = asCutroomError(thrown)
      // A try whose answer was lost has done its work: nobody else writes below this prefix.
      if (error.code === 'storage.exists' && (await storage.stat(key))?.bytes === bytes) return
      if (signal.aborted || error.code !== 'storage.unavailable' || tried === tries) throw thrown
      log.warn('storing an output is tried again', { key, tried, error })
      await sleep(firstPauseMs * 2 ** tried * (0.5 + Math.random()), undefined, { signal })
    }
  }
}

async function removeAll(outputs: StoredOutput[], { storage, log }: Deps): Promise<void> {
  const removals = await Promise.allSettled(outputs.map(({ key }) => storage.remove(key)))
  const left = removals.filter(({ status }) => status === 'rejected').length
  if (left > 0) log.warn('outputs of an ended attempt were left to the sweep', { left })
}
