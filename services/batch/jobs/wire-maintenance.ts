import { accountMaintenance } from '#shared/accounts/account-maintenance.ts'
import { sweepRepository } from '#shared/tasks/sweep-repository.ts'
import type { BatchServices } from '../deps.ts'
import { createCloudRunJob } from '../long-jobs/cloud-run-job.ts'
import { wireNotifier } from '../notify/wire-notifier.ts'
import { createMaintenance, type Maintenance } from './maintenance.ts'

/** Builds the sweep and the notifier. */
export function wireMaintenance({
  config,
  log,
  database,
  queue,
  storage,
  uploads,
}: BatchServices): Maintenance {
  const { longJobs } = config.jobs
  return createMaintenance({
    rows: sweepRepository(database, { ...config.jobs, ...config.retention }),
    notifier: wireNotifier({ config, database, log }),
    uploads,
    accounts: accountMaintenance(database),
    queue,
    longJobs: longJobs && {
      start: createCloudRunJob(longJobs.job).run,
      maxWorkers: longJobs.maxExecutions,
    },
    storage,
    partialMs: config.retention.partialMs,
    log,
  })
}
