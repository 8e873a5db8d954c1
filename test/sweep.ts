import type { BatchServices } from '#batch/deps.ts'
import { wireMaintenance } from '#batch/jobs/wire-maintenance.ts'
import { uploadRepository } from '#shared/uploads/upload-repository.ts'
import type { TestWeb } from './web-app.ts'

/** Runs one sweep of batch on the database and the storage of a test's web service. */
export async function sweepOnce({ config, log, database, storage, queue }: TestWeb): Promise<void> {
  const uploads = uploadRepository(database, { retentionDays: config.retention.uploadDays })
  const services = { config, log, database, storage, queue, uploads } as unknown as BatchServices
  const maintenance = wireMaintenance(services)
  await maintenance.run()
  await maintenance.close()
}
