import type { Config } from './config.ts'
import { type Database, openDatabase } from './database.ts'
import type { Logger } from './logger.ts'
import { createLocalQueue } from './queue/local.ts'
import type { Queue } from './queue/port.ts'
import { createPubSubQueue } from './queue/pubsub.ts'
import { createDiskStorage } from './storage/disk.ts'
import { createGcsStorage } from './storage/gcs.ts'
import type { Storage } from './storage/port.ts'

/** What both services stand on. */
export type Wiring = { database: Database; queue: Queue; storage: Storage; close(): Promise<void> }

/** The only place where adapters are chosen. */
export async function wire(config: Config, log: Logger): Promise<Wiring> {
  const database = await openDatabase(config.database, log)
  const queue = chooseQueue(config, log)
  const storage = chooseStorage(config)
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

function chooseQueue({ queue, push, jobs }: Config, log: Logger): Queue {
  if (queue.kind === 'pubsub') return createPubSubQueue({ ...queue, log })
  return createLocalQueue({
    batchUrl: queue.batchUrl,
    secret: push.secret ?? '',
    concurrency: jobs.concurrency,
    log,
  })
}

function chooseStorage({ storage }: Config): Storage {
  return storage.kind === 'gcs' ? createGcsStorage(storage) : createDiskStorage(storage)
}
