import { accountMaintenance } from '#shared/accounts/account-maintenance.ts'
import { sweepRepository } from '#shared/tasks/sweep-repository.ts'
import type { BatchServices } from '../deps.ts'
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
  return createMaintenance({
    rows: sweepRepository(database, { ...config.jobs, ...config.retention }),
    notifier: wireNotifier({ config, database, log }),
    uploads,
    accounts: accountMaintenance(database),
    queue,
    storage,
    partialMs: config.retention.partialMs,
    log,
  })
}
