import { createRecentSet } from '#shared/recent-set.ts'
import { destinationReader } from '#shared/tasks/destinations.ts'
import { jobRepository } from '#shared/tasks/job-repository.ts'
import { sourceHeadersReader } from '#shared/tasks/source-headers.ts'
import type { BatchServices } from '../deps.ts'
import { createDelivery } from '../destinations/deliver-outputs.ts'
import { createRequireFit } from '../media/estimate/require-fit.ts'
import type { PushOutcome } from '../push/reply.ts'
import { createSources } from '../sources/open-source.ts'
import { chunkSettings } from './chunk-settings.ts'
import type { Slot } from './job-slots.ts'
import { processJob } from './process-job.ts'
import { createRunningJobs } from './running-jobs.ts'

export type JobProcessor = {
  /** Claims and works on the job whose turn it is, in a slot. `jobId`: the job that the queue announced, if it did. */
  process(jobId: string | undefined, slot: Slot): Promise<PushOutcome>
  /** Closes the connections to sources and destinations; call it when no job is running. */
  close(): Promise<void>
}

/** Longer than a failover of the database takes. */
const RECORD_MS = 120_000

/** Builds what works on jobs. Jobs give their leases back once `stopping` is aborted. `onAloneEnded`: see createRunningJobs. */
export function wireJobProcessor(
  services: BatchServices,
  stopping: AbortSignal,
  onAloneEnded?: () => void,
): JobProcessor {
  const { config, log, database, queue, storage, uploads, changes, media, rangeServer, build, coresPerJob } =
    services
  const { scratchDir, deadlineMs, limits } = config.media
  const sources = createSources({
    storage,
    limits: { ...config.sources, minPace: config.sourcePace, scratchBytes: limits.scratchBytes },
    rangeServer,
    log,
  })
  const delivery = createDelivery({
    storage,
    guard: { allowHosts: config.sources.allowHosts, readTimeoutMs: config.sources.readTimeoutMs },
    minPace: config.sourcePace,
    log,
  })
  const deps = {
    jobs: jobRepository(database, {
      leaseMs: config.jobs.leaseMs,
      orphanGraceMs: config.retention.orphanGraceMs,
      republishAfterMs: config.jobs.republishAfterMs,
      claimsLongJobs: config.jobs.claimsLongJobs,
    }),
    runningJobs: createRunningJobs(onAloneEnded),
    keepSlots: createRecentSet<string>(1000),
    changes,
    storage,
    sources,
    sourceHeaders: sourceHeadersReader(database, config.sealingKeys),
    destinations: destinationReader(database, config.sealingKeys),
    delivery,
    uploads,
    media,
    requireFit: createRequireFit(deadlineMs, { cores: coresPerJob }, config.jobs),
    queue,
    chunks: chunkSettings(config, coresPerJob),
    build,
    settings: { ...config.jobs, scratchDir, recordMs: RECORD_MS },
    log,
  }
  return {
    process: (jobId, slot) => processJob(jobId, { ...deps, slot }, stopping),
    close: async () => void (await Promise.all([sources.close(), delivery.close()])),
  }
}
