import { createHmac } from 'node:crypto'
import { resolve } from 'node:path'
import type { z } from 'zod'
import { crossFieldIssues, databaseIssues } from './config/cross-field-issues.ts'
import { deadlinesOf, isLimited, leavesLongJobs, longestDeadlineOf } from './config/deadlines.ts'
import { keysOf } from './config/keys.ts'
import { DatabaseEnvironment, Environment, settingGroups } from './config/settings.ts'
import { version } from './version.ts'

export { type Setting, type SettingGroup, settingGroups } from './config/settings.ts'

type Variables = Record<string, string | undefined>

/** Every setting, validated, in the units and groups that the modules use. */
export type Config = ReturnType<typeof toConfig>

/**
 * Reads all settings from the environment. Only this file reads it. An empty variable counts as unset.
 * @throws ConfigError with every issue, each naming its setting.
 */
export const loadConfig = (env: Variables = process.env): Config =>
  toConfig(validate(Environment, (values) => crossFieldIssues(values, 'web'), env))

/** What signs logins and upload links. Batch opens files of strangers: it needs neither, and gets neither. */
export const SECRETS_OF_WEB = ['JWT_SECRET', 'LINKS_SECRET'] as const

/**
 * Reads all settings of batch, without the secrets of web.
 * @throws ConfigError with every issue, each naming its setting.
 */
export const loadBatchConfig = (env: Variables = process.env): Config =>
  toConfig(validate(Environment, (values) => crossFieldIssues(values, 'batch'), withoutSecretsOfWeb(env)))

/** The secrets in the environment of batch that only web needs. */
export const superfluousSecrets = (env: Variables = process.env): string[] =>
  SECRETS_OF_WEB.filter((name) => env[name])

/** An environment without what only web may know. */
export const withoutSecretsOfWeb = (env: Variables): Variables =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) => !SECRETS_OF_WEB.some((secret) => secret === name)),
  )

/**
 * Reads the settings of the database alone, for tools that need no others.
 * @throws ConfigError
 */
export const loadDatabaseConfig = (env: Variables = process.env): Config['database'] =>
  databaseConfig(validate(DatabaseEnvironment, databaseIssues, env))

/** Invalid settings. `issues` has one line for each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly issues: string[]
  constructor(issues: string[]) {
    super(`Invalid settings:\n${issues.map((issue) => `  ${issue}`).join('\n')}`)
    this.issues = issues
  }
}

/** Every setting in one list. */
export const settings = settingGroups.flatMap((group) => group.settings)

function validate<S extends z.ZodType>(
  schema: S,
  rules: (env: z.infer<S>) => string[],
  env: Variables,
): z.infer<S> {
  const set = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  )
  const parsed = schema.safeParse(set)
  const issues = parsed.success
    ? rules(parsed.data)
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  if (!parsed.success || issues.length > 0) throw new ConfigError(issues)
  return parsed.data
}

const toConfig = (env: Environment) => ({
  ...serverConfig(env),
  database: databaseConfig(env),
  auth: {
    secrets: keysOf(env.JWT_SECRET),
    ttlSeconds: env.JWT_TTL_SECONDS,
    accessTtlSeconds: env.ACCESS_TOKEN_SECONDS,
    sessionDays: env.SESSION_DAYS,
    bcryptCost: env.BCRYPT_COST,
    passwordPolicy: env.PASSWORD_POLICY,
    emailVerification: env.EMAIL_VERIFICATION,
  },
  sealingKeys: (env.SECRETS_KEY?.split(',') ?? []).map((key) => Buffer.from(key, 'base64')),
  queue: queueConfig(env),
  push: {
    secret: env.PUSH_SECRET,
    audience: env.PUSH_AUDIENCE,
    serviceAccounts: {
      push: env.PUSH_SERVICE_ACCOUNTS,
      sweep: orElse(env.SWEEP_SERVICE_ACCOUNTS, env.PUSH_SERVICE_ACCOUNTS),
      dryRun: orElse(env.DRY_RUN_SERVICE_ACCOUNTS, env.PUSH_SERVICE_ACCOUNTS),
    },
  },
  storage: storageConfig(env),
  uploads: {
    maxBytes: env.UPLOAD_MAX_BYTES,
    linkSeconds: env.LINK_TTL_SECONDS,
    minFreeBytes: env.STORAGE_MIN_FREE_BYTES,
    quotas: {
      open: env.UPLOADS_MAX_OPEN,
      uploads: env.UPLOADS_MAX_STORED,
      bytes: env.UPLOADS_MAX_STORED_BYTES,
    },
  },
  sources: {
    allowHosts: env.SOURCE_ALLOW_HOSTS,
    maxBytes: env.SOURCE_MAX_BYTES,
    readTimeoutMs: env.SOURCE_TIMEOUT_SECONDS * 1000,
  },
  sourcePace: {
    bytesPerSecond: env.SOURCE_MIN_BYTES_PER_SECOND,
    windowMs: env.SOURCE_PACE_SECONDS * 1000,
    graceMs: SOURCE_GRACE_MS,
  },
  mail: { from: env.MAIL_FROM, smtpUrl: env.SMTP_URL },
  media: mediaConfig(env),
  jobs: jobsConfig(env),
  quotas: { unfinished: env.TASKS_MAX_UNFINISHED, mailsPerHour: env.MAILS_PER_HOUR },
  limits: limitsConfig(env),
  retention: {
    outputDays: env.OUTPUT_DAYS,
    uploadDays: env.UPLOAD_DAYS,
    auditDays: env.AUDIT_DAYS,
    eventDays: env.EVENT_DAYS,
    orphanGraceMs: env.ORPHAN_GRACE_SECONDS * 1000,
    partialMs: PARTIAL_UPLOAD_DAYS * 86_400_000,
  },
})

const orElse = (list: string[], fallback: string[]) => (list.length > 0 ? list : fallback)

/** A host may take so long to begin before its pace counts. */
const SOURCE_GRACE_MS = 10_000

/** Upload links last an hour, so an upload without progress for days was abandoned. */
const PARTIAL_UPLOAD_DAYS = 2

const serverConfig = (env: Environment) => ({
  port: env.PORT,
  batchPort: env.K_SERVICE ? env.PORT : env.BATCH_PORT,
  host: env.K_SERVICE ? '0.0.0.0' : env.HOST,
  publicUrl: publicUrlOf(env),
  trustProxy: env.TRUST_PROXY,
  inCloud: env.K_SERVICE !== undefined,
  metricsToken: env.METRICS_TOKEN,
  metricsPort: env.METRICS_PORT,
  batchMetricsPort: env.BATCH_METRICS_PORT,
  corsOrigins: env.CORS_ORIGINS,
  securityContact: env.SECURITY_CONTACT,
  log: {
    level: env.LOG_LEVEL,
    format: env.LOG_FORMAT ?? (env.K_SERVICE ? 'json' : 'text'),
    release: releaseOf(env),
  },
  tracing: { endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT, version: releaseOf(env) },
})

const releaseOf = (env: Environment): string => env.RELEASE ?? env.K_REVISION ?? version

const publicUrlOf = (env: Environment) =>
  withoutTrailingSlash(env.PUBLIC_URL ?? `http://localhost:${env.PORT}`)

const withoutTrailingSlash = (url: string) => url.replace(/\/$/, '')

const databaseConfig = (env: DatabaseEnvironment) => ({
  url: env.DATABASE_URL,
  poolMax: env.DATABASE_POOL_MAX,
  cloudSql: env.CLOUD_SQL_INSTANCE
    ? {
        instance: env.CLOUD_SQL_INSTANCE,
        ipType: env.CLOUD_SQL_IP_TYPE,
        database: env.DATABASE_NAME,
        user: env.DATABASE_USER ?? '',
      }
    : undefined,
})

const queueConfig = (env: Environment) => ({
  kind: env.QUEUE,
  project: env.GOOGLE_CLOUD_PROJECT ?? '',
  topic: env.PUBSUB_TOPIC,
  emulator: env.PUBSUB_EMULATOR_HOST,
  batchUrl: withoutTrailingSlash(env.BATCH_URL ?? `http://127.0.0.1:${env.BATCH_PORT}`),
})

const storageConfig = (env: Environment) => ({
  kind: env.STORAGE,
  project: env.GOOGLE_CLOUD_PROJECT,
  bucket: env.BUCKET ?? '',
  emulator: env.STORAGE_EMULATOR_HOST,
  dir: resolve(env.DATA_DIR, 'files'),
  publicUrl: publicUrlOf(env),
  signingSecret: env.LINKS_SECRET ?? derivedLinksSecret(env.JWT_SECRET),
})

const limitsConfig = (env: Environment) => ({
  signupsPerHour: env.SIGNUPS_PER_HOUR,
  loginsPerMinute: env.LOGINS_PER_MINUTE,
  loginFailures: env.LOGIN_FAILURES,
  loginFailuresPerAccount: env.LOGIN_FAILURES_PER_ACCOUNT,
  accountChangesPerMinute: env.ACCOUNT_CHANGES_PER_MINUTE,
  tasksPerSecond: env.TASKS_PER_SECOND,
  uploadsPerMinute: env.UPLOADS_PER_MINUTE,
  dryRunsPerMinute: env.DRY_RUNS_PER_MINUTE,
  dryRunConcurrency: env.DRY_RUN_CONCURRENCY,
  requestsInFlight: env.REQUESTS_IN_FLIGHT,
  eventStreams: {
    perUser: env.EVENT_STREAMS_PER_USER,
    perTask: env.EVENT_STREAMS_PER_TASK,
    inAll: env.EVENT_STREAMS_MAX,
  },
})

/** For installations that have set no key of its own for links: not JWT_SECRET itself, which signs logins. */
const derivedLinksSecret = (jwtSecret: string | undefined) =>
  jwtSecret === undefined
    ? ''
    : createHmac('sha256', jwtSecret.split(',')[0] ?? '')
        .update('upload links')
        .digest('base64url')

const mediaConfig = (env: Environment) => ({
  ffmpeg: env.FFMPEG_PATH,
  ffprobe: env.FFPROBE_PATH,
  threads: env.FFMPEG_THREADS,
  deadlineMs: deadlinesOf(env).media * 1000,
  longestDeadlineMs: longestDeadlineOf(env) * 1000,
  isLimited: isLimited(env),
  sandboxSetting: env.MEDIA_SANDBOX,
  maxMemoryBytes: env.MEDIA_MAX_MEMORY_BYTES,
  memoryLimitBytes: env.MEMORY_LIMIT_BYTES,
  scratchDir: resolve(env.SCRATCH_DIR ?? `${env.DATA_DIR}/scratch`),
  limits: {
    pixels: env.MEDIA_MAX_PIXELS,
    seconds: env.MEDIA_MAX_SECONDS,
    streams: env.MEDIA_MAX_STREAMS,
    outputBytes: env.MEDIA_MAX_OUTPUT_BYTES,
    scratchBytes: env.MEDIA_MAX_SCRATCH_BYTES,
  },
})

/** The Cloud Run job that works on long jobs, and how often it may run at a time. */
const longJobsConfig = ({ LONG_JOBS: job, LONG_JOB_EXECUTIONS: maxExecutions }: Environment) =>
  job === 'refuse' || job === 'pull' ? undefined : { job, maxExecutions }

const jobsConfig = (env: Environment) => ({
  workerMode: env.WORKER_MODE,
  claimsLongJobs: !leavesLongJobs(env),
  longJobsHaveWorkers: env.LONG_JOBS !== 'refuse',
  longJobs: longJobsConfig(env),
  pollMs: env.WORKER_POLL_SECONDS * 1000,
  concurrency: env.BATCH_CONCURRENCY,
  deadlineMs: deadlinesOf(env).job * 1000,
  chunkSeconds: env.CHUNK_SECONDS,
  drainMs: env.DRAIN_SECONDS * 1000,
  maxAttempts: env.JOB_MAX_ATTEMPTS,
  leaseMs: env.LEASE_SECONDS * 1000,
  heartbeatMs: env.HEARTBEAT_SECONDS * 1000,
  republishAfterMs: env.REPUBLISH_AFTER_SECONDS * 1000,
  sweepMs: env.SWEEP_SECONDS * 1000,
})
