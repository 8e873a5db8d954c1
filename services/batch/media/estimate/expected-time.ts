import type { ExpandedJob } from '../chunks/types.ts'
import { CORE_UTILIZATION, PROBE_S, START_S } from './cost-model.ts'

type Job = Pick<ExpandedJob, 'kind' | 'weight'>

/** `slots`: jobs that each worker runs at a time, each with `cores` to itself. */
export type Workers = { workers: number; slots: number; cores: number }

/** Wall clock of a job, in seconds. Chunks use all cores that they have; audio and stream copies use one. */
export const secondsOfJob = ({ kind, weight }: Job, { cores }: Pick<Workers, 'cores'>): number =>
  START_S + PROBE_S + (kind === 'chunk' ? weight / Math.max(1, CORE_UTILIZATION * cores) : weight)

/**
 * Wall clock, in seconds, of an expanded task on workers that have nothing else to do. The jobs before the audio is
 * finished follow one after the other, the chunks are taken in order by whoever is free, and the stitch waits for all.
 */
export function expectedSeconds(jobs: Job[], { workers, slots, cores }: Workers): number {
  const secondsOf = (job: Job) => secondsOfJob(job, { cores })
  const chain = jobs.filter(({ kind }) => kind === 'audio' || kind === 'measure').map(secondsOf)
  const chunks = jobs.filter(({ kind }) => kind === 'chunk').map(secondsOf)
  const freeAt = new Array<number>(workers * slots).fill(0)
  const next = { chain: 0, chunk: 0 }
  let chainAt = 0
  while (next.chain < chain.length || next.chunk < chunks.length) {
    const slot = freeAt.indexOf(Math.min(...freeAt))
    const now = freeAt[slot] ?? 0
    // Jobs are claimed in the order of their creation, and the chunks come last.
    if (next.chain < chain.length && (chainAt <= now || next.chunk === chunks.length)) {
      chainAt = Math.max(now, chainAt) + (chain[next.chain++] ?? 0)
      freeAt[slot] = chainAt
    } else {
      freeAt[slot] = now + (chunks[next.chunk++] ?? 0)
    }
  }
  const stitch = jobs.filter(({ kind }) => kind === 'stitch').map(secondsOf)
  return Math.max(...freeAt) + stitch.reduce((sum, seconds) => sum + seconds, 0)
}
