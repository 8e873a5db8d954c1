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
 * Stores an attempt's outputs while they are made, under the keys that storeOutputs gives. A stream cannot be
 * read twice, so that a store that fails costs the attempt; the next one makes it again.
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
