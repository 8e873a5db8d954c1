import type { Config } from '#shared/config.ts'
import type { Database } from '#shared/database/database.ts'
import type { TaskChangeListener } from '#shared/database/task-change-listener.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { Queue } from '#shared/queue/port.ts'
import type { Storage } from '#shared/storage/port.ts'
import type { UploadRepository } from '#shared/uploads/upload-repository.ts'
import type { MediaEngine } from './media/types.ts'
import type { RangeServer } from './sources/range-server.ts'

/** The adapters and services that main creates once and the modules of batch share. */
export type BatchServices = {
  config: Config
  log: Logger
  database: Database
  queue: Queue
  storage: Storage
  uploads: UploadRepository
  changes: TaskChangeListener
  media: MediaEngine
  rangeServer: RangeServer
  /** The versions of ffmpeg and of the media engine's code, see JobRepository.claim. */
  build: string
  /** Processor cores that one job has to itself. */
  coresPerJob: number
}
