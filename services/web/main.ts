import { loadConfig } from '#shared/config.ts'
import { listenForTaskChanges } from '#shared/database/task-change-listener.ts'
import { listen, stopOnSignal } from '#shared/http/listen.ts'
import { createLogger } from '#shared/observability/logger.ts'
import { taskRepository } from '#shared/tasks/task-repository.ts'
import { uploadRepository } from '#shared/uploads/upload-repository.ts'
import { wire } from '#shared/wiring.ts'
import { createWebApp } from './app.ts'
import { createAccounts } from './auth/accounts.ts'
import { createPasswords } from './auth/passwords.ts'
import { createTokens } from './auth/tokens.ts'

const config = loadConfig()
const log = createLogger({ ...config.log, service: 'web' })
const { database, queue, storage, close } = await wire(config, log)
const stopping = new AbortController()
const changes = listenForTaskChanges(database, log)

const app = createWebApp({
  config,
  log,
  database,
  queue,
  storage,
  changes,
  tasks: taskRepository(database, { republishAfterMs: config.jobs.republishAfterMs, quotas: config.quotas }),
  uploads: uploadRepository(database, { retentionDays: config.retention.uploadDays }),
  accounts: createAccounts(database, createPasswords(config.auth.bcryptCost)),
  tokens: createTokens(config.auth),
  stopping: stopping.signal,
})
const server = await listen(app, config)
log.info('web listens', { port: server.port })

stopOnSignal(async () => {
  stopping.abort()
  await server.drain(5_000)
  await changes.close()
  await close()
}, log)
