import type { Config } from '#shared/config.ts'
import type { TaskChangeListener } from '#shared/database/task-change-listener.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { Queue } from '#shared/queue/port.ts'
import type { RecentSet } from '#shared/recent-set.ts'
import type { Storage } from '#shared/storage/port.ts'
import type { DestinationReader } from '#shared/tasks/destinations.ts'
import type { JobRepository } from '#shared/tasks/job-repository.ts'
import type { SourceHeadersReader } from '#shared/tasks/source-headers.ts'
import type { UploadRepository } from '#shared/uploads/upload-repository.ts'
import type { Delivery } from '../destinations/deliver-outputs.ts'
import type { ChunkSettings } from '../media/chunks/types.ts'
import type { RequireFit } from '../media/estimate/require-fit.ts'
import type { MediaEngine } from '../media/types.ts'
import type { Sources } from '../sources/open-source.ts'
import type { Slot } from './job-slots.ts'
import type { RunningJobs } from './running-jobs.ts'

/** What working on jobs needs. */
export type JobDeps = {
  jobs: JobRepository
  /** Which jobs run in this process at the same time. */
  runningJobs: RunningJobs
  changes: Pick<TaskChangeListener, 'watch'>
  storage: Storage
  sources: Pick<Sources, 'open' | 'waitedMs'>
  sourceHeaders: SourceHeadersReader
  destinations: DestinationReader
  delivery: Pick<Delivery, 'deliver'>
  uploads: Pick<UploadRepository, 'find'>
  media: Omit<MediaEngine, 'probe' | 'dryRun' | 'inspect'>
  /** The slot that the job runs in. Without it, the job has none to leave. */
  slot?: Slot
  /** Takes several slots for the job, in place of its one. */
  widen?: Slot['widen']
  /** Ids of jobs that left their slot and got none again: they keep the next one. */
  keepSlots: RecentSet<string>
  /** For the jobs that a `render` adds. */
  queue: Pick<Queue, 'publish'>
  /** How long work is divided; undefined: never. */
  chunks: ChunkSettings | undefined
  /** Refuses, or leaves to other workers, jobs that cannot end within the limit. */
  requireFit: RequireFit
  /** The versions of ffmpeg and of the media engine's code, see JobRepository.claim. */
  build: string
  settings: Pick<
    Config['jobs'],
    'leaseMs' | 'heartbeatMs' | 'deadlineMs' | 'maxAttempts' | 'claimsLongJobs' | 'concurrency'
  > & {
    scratchDir: string
    /** How long recording the outcome of a job is tried while the database is unavailable. */
    recordMs: number
  }
  log: Logger
}
