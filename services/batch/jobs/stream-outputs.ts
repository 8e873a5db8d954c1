import type { Storage } from '#shared/storage/port.ts'
import { attemptPrefix } from '#shared/tasks/job-repository.ts'
import type { Claim } from '#shared/tasks/rows.ts'
import type { StreamOutput } from '../media/types.ts'
import type { Sources } from '../sources/open-source.ts'

type Deps = {
  storage: Pick<Storage, 'create' | 'remove'>
  sources: Pick<Sources, 'open'>
  signal: AbortSignal
}

/**
 * Streams an attempt's outputs to storage during the render, under the keys that storeOutputs uses. A stream cannot
 * be read twice, so a storage error costs the attempt; the next attempt renders the output again.
 */
export function streamOutputs(
  claim: Pick<Claim, 'taskId' | 'jobId' | 'attempt'>,
  scratchDir: string,
  { storage, sources, signal }: Deps,
): StreamOutput {
  return async ({ name, contentType }, body) => {
    const key = `${attemptPrefix(claim)}${name}`
    const { bytes } = await storage.create(key, body, { contentType, signal })
    return {
      bytes,
      async inspect(act) {
        await using stored = await sources.open({ key }, scratchDir, signal)
        return await act(stored.input)
      },
      remove: () => storage.remove(key),
    }
  }
}
