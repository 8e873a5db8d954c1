import { type ApiKeyRepository, apiKeyRepository } from '#shared/accounts/api-key-repository.ts'
import { type SessionRepository, sessionRepository } from '#shared/accounts/session-repository.ts'
import type { Config } from '#shared/config.ts'
import type { Database } from '#shared/database/database.ts'
import type { TaskChangeListener } from '#shared/database/task-change-listener.ts'
import type { EventListener } from '#shared/events/event-listener.ts'
import { type EventRepository, eventRepository } from '#shared/events/event-repository.ts'
import { createRateLimiter, type RateLimiter } from '#shared/limits/rate-limiter.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { Queue } from '#shared/queue/port.ts'
import type { Storage } from '#shared/storage/port.ts'
import { type TaskRepository, taskRepository } from '#shared/tasks/task-repository.ts'
import { type UploadRepository, uploadRepository } from '#shared/uploads/upload-repository.ts'
import { type EndpointRepository, endpointRepository } from '#shared/webhooks/endpoint-repository.ts'
import { type Accounts, createAccounts } from './auth/accounts.ts'
import { type ApiKeys, createApiKeys } from './auth/keys/api-keys.ts'
import { createKnownAddresses } from './auth/known-addresses.ts'
import { type AccountMails, createAccountMails } from './auth/lifecycle/account-mails.ts'
import { createLoginThrottle } from './auth/login-throttle.ts'
import { createPasswords, type Passwords } from './auth/passwords.ts'
import { createLogins, type Logins } from './auth/sessions/logins.ts'
import { createTokens, type Tokens } from './auth/tokens.ts'
import { createEventStreams, type EventStreams } from './events/event-streams.ts'
import { loginFailuresOf } from './limits/limits.ts'
import { createRequestsInFlight, type RequestsInFlight } from './limits/requests-in-flight.ts'
import { type LinkRepository, linkRepository } from './sources/link-repository.ts'
import { createReconcileUploads, type ReconcileUploads } from './uploads/reconcile-uploads.ts'

/** What the web service is given: its settings and its connections. */
export type WebResources = {
  config: Config
  log: Logger
  database: Database
  queue: Queue
  storage: Storage
  changes: TaskChangeListener
  eventListener: EventListener
  /** Aborted when the service begins to shut down; long replies end then. */
  stopping: AbortSignal
}

/** Everything the modules of web use; each declares the part that it needs. */
export type WebDeps = WebResources & {
  tasks: TaskRepository
  uploads: UploadRepository
  accounts: Accounts
  accountMails: AccountMails
  passwords: Passwords
  tokens: Tokens
  limiter: RateLimiter
  sessions: SessionRepository
  logins: Logins
  keyRows: ApiKeyRepository
  keys: ApiKeys
  requestsInFlight: RequestsInFlight
  reconcileUploads: ReconcileUploads
  events: EventRepository
  eventStreams: EventStreams
  endpoints: EndpointRepository
  sourceLinks: LinkRepository
}

/** Builds the repositories and services of web on its connections. */
export function createWebDeps(resources: WebResources): WebDeps {
  const { config, database } = resources
  const { republishAfterMs } = config.jobs
  const limiter = createRateLimiter(database.query)
  const throttle = createLoginThrottle(
    limiter,
    createKnownAddresses(database.query),
    loginFailuresOf(config.limits),
  )
  const tokens = createTokens(config.auth.secrets)
  const sessions = sessionRepository(database)
  const keyRows = apiKeyRepository(database)
  const passwords = createPasswords(config.auth.bcryptCost)
  const uploads = uploadRepository(database, { retentionDays: config.retention.uploadDays })
  return {
    ...resources,
    tasks: taskRepository(database, {
      republishAfterMs,
      quotas: config.quotas,
      sealingKeys: config.sealingKeys,
    }),
    uploads,
    requestsInFlight: createRequestsInFlight(config.limits.requestsInFlight),
    reconcileUploads: createReconcileUploads(resources.storage, uploads),
    accounts: createAccounts(database, { passwords, throttle, policy: config.auth.passwordPolicy }),
    accountMails: createAccountMails(resources),
    passwords,
    tokens,
    sessions,
    logins: createLogins(sessions, tokens, config.auth),
    keyRows,
    keys: createApiKeys(keyRows),
    limiter,
    events: eventRepository(database),
    eventStreams: createEventStreams(config.limits.eventStreams),
    endpoints: endpointRepository(database),
    sourceLinks: linkRepository(database, config),
  }
}
