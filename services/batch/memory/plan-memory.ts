import { ConfigError } from '#shared/config.ts'

const MIB = 1024 ** 2
const GIB = 1024 ** 3

/** What limits the memory of a worker. All in bytes. */
export type Machine = {
  /** Memory that the worker may use. */
  limit: number
  /** Where that limit comes from, as an error says it. */
  source: 'MEMORY_LIMIT_BYTES' | 'the limit of the container' | 'three quarters of the memory of this machine'
  /** The part of the limit that files in the scratch directory can take; 0 where that is on a disk. */
  scratch: number
}

/** Memory for the tools of one job, and of all dry runs together; 0: unlimited. */
export type MemoryPlan = { jobBytes: number; dryRunBytes: number }

/**
 * For Node itself: a worker with two busy slots takes about 200 MB, blocks of sources that are being read 64 MB, and what
 * ffprobe prints up to 8 MB for each source.
 */
const SERVICE_BYTES = 384 * MIB
/** For the probes of all dry runs together. */
const DRY_RUN_BYTES = 384 * MIB
/** An encode of 720p takes 520 MB, one of 1080p 750 MB, see docs/decisions/0023-memory-is-limited-by-job.md. */
const MIN_JOB_BYTES = 640 * MIB
/** No recipe needs more: an encode of 2160p takes 2 GB. */
const MAX_JOB_BYTES = 8 * GIB

/**
 * Divides the memory of a worker among the jobs that it runs at a time. `setting`: MEDIA_MAX_MEMORY_BYTES, which takes the
 * place of the computed share; 0 means no limit. Pure.
 * @throws ConfigError when the jobs do not fit, saying what to change
 */
export function planMemory(machine: Machine, slots: number, setting?: number): MemoryPlan {
  if (setting === 0) return { jobBytes: 0, dryRunBytes: 0 }
  if (setting !== undefined && setting < MIN_JOB_BYTES) {
    throw new ConfigError([`MEDIA_MAX_MEMORY_BYTES: must be at least ${MIN_JOB_BYTES}, or 0 for no limit`])
  }
  const available = machine.limit - machine.scratch - SERVICE_BYTES - DRY_RUN_BYTES
  const share = Math.floor(available / slots)
  const jobBytes = setting ?? Math.min(share, MAX_JOB_BYTES)
  if (jobBytes > share) throw new ConfigError([tooMuch(machine, slots, jobBytes)])
  if (jobBytes < MIN_JOB_BYTES) throw new ConfigError([tooLittle(machine, slots, jobBytes)])
  return { jobBytes, dryRunBytes: DRY_RUN_BYTES }
}

const tooMuch = (machine: Machine, slots: number, jobBytes: number) =>
  `MEDIA_MAX_MEMORY_BYTES: ${amount(jobBytes)} for each of ${slots} jobs ${available(machine)}. ` +
  `Lower MEDIA_MAX_MEMORY_BYTES or BATCH_CONCURRENCY${machine.scratch > 0 ? ' or MEDIA_MAX_SCRATCH_BYTES' : ''}, ` +
  'or give the worker more memory (MEMORY_LIMIT_BYTES).'

const tooLittle = (machine: Machine, slots: number, jobBytes: number) =>
  `BATCH_CONCURRENCY: ${slots} jobs at a time would have ${amount(jobBytes)} each, and a job needs ` +
  `${amount(MIN_JOB_BYTES)}: together they ${available(machine)}. ` +
  `Lower BATCH_CONCURRENCY${machine.scratch > 0 ? ' or MEDIA_MAX_SCRATCH_BYTES' : ''}, give the worker more memory ` +
  '(MEMORY_LIMIT_BYTES), or set MEDIA_MAX_MEMORY_BYTES to 0 for no limit.'

const available = ({ limit, source, scratch }: Machine) =>
  `do not fit into ${amount(limit)} (${source})` +
  `${scratch > 0 ? `, less ${amount(scratch)} of scratch space that is in memory,` : ''} ` +
  `less ${amount(SERVICE_BYTES + DRY_RUN_BYTES)} for the service itself`

const amount = (bytes: number) => `${Math.round(bytes / MIB)} MiB`
