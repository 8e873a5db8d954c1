import type { Config } from '#shared/config.ts'
import type { ChunkSettings } from '../media/chunks/types.ts'

/**
 * How long work is divided; undefined: never. The number of threads is fixed, since with another one an encoder gives
 * other bits.
 */
export function chunkSettings(
  { jobs, media }: { jobs: Pick<Config['jobs'], 'chunkSeconds'>; media: Pick<Config['media'], 'threads'> },
  cores: number,
): ChunkSettings | undefined {
  if (jobs.chunkSeconds === 0) return undefined
  return { seconds: jobs.chunkSeconds, cores, threads: media.threads || Math.max(1, Math.floor(cores)) }
}
