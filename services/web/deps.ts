import type { Config } from '#shared/config.ts'
import type { Database } from '#shared/database/database.ts'
import type { TaskChangeListener } from '#shared/database/task-change-listener.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { Queue } from '#shared/queue/port.ts'
import type { Storage } from '#shared/storage/port.ts'
import type { TaskRepository } from '#shared/tasks/task-repository.ts'
import type { UploadRepository } from '#shared/uploads/upload-repository.ts'
import type { Accounts } from './auth/accounts.ts'
import type { Tokens } from './auth/tokens.ts'

/** What the rooms of web work with. */
export type WebDeps = {
  config: Config
  log: Logger
  database: Database
  queue: Queue
  storage: Storage
  tasks: TaskRepository
  uploads: UploadRepository
  changes: TaskChangeListener
  accounts: Accounts
  tokens: Tokens
  /** Aborted when the service begins to shut down: long replies end then. */
  stopping: AbortSignal
}
