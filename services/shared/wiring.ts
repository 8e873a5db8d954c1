import type { Config } from './config.ts'
import { type Database, openDatabase } from './database/database.ts'
import type { Logger } from './observability/logger.ts'
import { createLocalQueue } from './queue/local.ts'
import type { Queue } from './queue/port.ts'
import { createPostgresQueue } from './queue/postgres.ts'
import { createDiskStorage } from './storage/disk.ts'
import type { Storage } from './storage/port.ts'

/** The infrastructure that both services use. */
export type Wiring = { database: Database; queue: Queue; storage: Storage; close(): Promise<void> }

/** Chooses and opens the adapters named by the settings. This is the only place that does so. */
export async function wire(config: Config, log: Logger): Promise<Wiring> {
  const database = await openDatabase(config.database, log)
  const [queue, storage] = await Promise.all([chooseQueue(config, database, log), chooseStorage(config)])
  return {
    database,
    queue,
    storage,
    async close() {
      await Promise.all([queue.close(), storage.close()])
      await database.close()
    },
  }
}

// Google's clients take half a second each to load, so they are imported only where they are used.
async function chooseQueue({ queue, push, jobs }: Config, database: Database, log: Logger): Promise<Queue> {
  if (queue.kind === 'pubsub') {
    const { createPubSubQueue } = await import('./queue/pubsub.ts')
    return createPubSubQueue({ ...queue, log })
  }
  if (jobs.workerMode !== 'push') return createPostgresQueue(database)
  return createLocalQueue({
    batchUrl: queue.batchUrl,
    secret: push.secret ?? '',
    concurrency: jobs.concurrency,
    log,
  })
}

async function chooseStorage({ storage }: Config): Promise<Storage> {
  if (storage.kind === 'disk') return createDiskStorage(storage)
  const { createGcsStorage } = await import('./storage/gcs.ts')
  return createGcsStorage(storage)
}
