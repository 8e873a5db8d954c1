import { availableParallelism, totalmem } from 'node:os'
import { z } from 'zod'

const GIB = 1024 ** 3

const integer = (fallback: number, min = 0) => z.coerce.number().int().min(min).default(fallback)
const optionalInteger = (min: number) => z.coerce.number().int().min(min).optional()

/** A year: no token is issued or accepted for longer. */
export const MAX_TOKEN_SECONDS = 31_536_000

/** A list with commas between its items. */
const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim().toLowerCase())
      .filter(Boolean),
  )

/** Scheme, host and port as browsers send them in `Origin`. */
const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text

/** Documents a setting that must not appear in logs, images or repositories. */
const secret = <T extends z.ZodType>(schema: T, description: string) =>
  schema.meta({ description, secret: true })

/**
 * One x264 encode with its default threading keeps about two cores busy, and of 2160p takes 2 GB of memory. The limit of a
 * cgroup is 0, or beyond the memory of the machine, where there is none.
 */
const MEMORY_OF_THIS_MACHINE = Math.min(process.constrainedMemory() || totalmem(), totalmem())
const JOBS_FOR_THIS_MACHINE = Math.max(
  1,
  Math.min(Math.floor(availableParallelism() / 2), Math.floor(MEMORY_OF_THIS_MACHINE / (3 * GIB))),
)

const port = (service: string) =>
  optionalInteger(1).describe(
    `Port for the metrics of ${service}, in place of /metrics on the public port. Everyone who can reach it may read them ` +
      'unless METRICS_TOKEN is set: do not publish it.',
  )

const server = {
  PORT: integer(8080).describe('Port of the web service. On Cloud Run, the port of either service.'),
  BATCH_PORT: integer(8081).describe('Port of the batch service in local mode.'),
  HOST: z.string().default('127.0.0.1').describe('Address to listen on. Use 0.0.0.0 in a container.'),
  TRUST_PROXY: integer(0).describe(
    'Proxies in front of web that each append to X-Forwarded-For, such as 1 for Cloud Run or an ingress. Limits count the ' +
      'address that the outermost of them reports. 0 ignores the header.',
  ),
  PUBLIC_URL: z
    .url()
    .optional()
    .describe('Public base URL of the web service, used in links. Defaults to localhost and PORT.'),
  DATA_DIR: z
    .string()
    .min(1)
    .default('.cutroom')
    .describe('Directory for the database, files and generated secrets in local mode.'),
  LOG_LEVEL: z
    .enum(['error', 'warn', 'info', 'debug'])
    .default('info')
    .describe('Minimum log level: error, warn, info or debug.'),
  LOG_FORMAT: z
    .enum(['json', 'text'])
    .optional()
    .describe('Log format: json for Cloud Logging, text for a terminal. Defaults to json on Cloud Run.'),
  METRICS_TOKEN: secret(
    z
      .string()
      .regex(/^\S{16,}$/, { error: 'must have at least 16 characters and no spaces' })
      .optional(),
    'Bearer token for /metrics of web and batch. Without it there are no metrics on their public ports (404), and those on ' +
      'ports of their own need none.',
  ),
  METRICS_PORT: port('web'),
  BATCH_METRICS_PORT: port('batch and of workers'),
  CORS_ORIGINS: list
    .refine((origins) => origins.every(isOrigin), {
      error: 'must be origins such as https://app.example.com',
    })
    .describe('Origins whose pages may call the API from a browser, separated by commas. None by default.'),
  SECURITY_CONTACT: z
    .string()
    .regex(/^(?:https:\/\/|mailto:)\S+$/, { error: 'must be a URL that begins with https: or mailto:' })
    .optional()
    .describe(
      'Where to report vulnerabilities, a mailto: or https: URL. Published as /.well-known/security.txt.',
    ),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'Where traces are sent: the base URL of an OpenTelemetry receiver over HTTP, such as http://localhost:4318, or ' +
        'https://telemetry.googleapis.com for Cloud Trace. Without it there are none.',
    ),
  RELEASE: z
    .string()
    .regex(/^[\w.+-]{1,100}$/, {
      error: 'must have at most 100 letters, digits, dots, dashes and plus signs',
    })
    .optional()
    .describe(
      'Version in error reports and traces. Defaults to the revision on Cloud Run, and to the version of the product.',
    ),
  K_SERVICE: z.string().optional().describe('Set by Cloud Run. Do not set it yourself.'),
  K_REVISION: z.string().optional().describe('Set by Cloud Run. Do not set it yourself.'),
}

const database = {
  DATABASE_URL: secret(
    z.string().optional(),
    'Postgres connection URL. In local mode, an embedded Postgres is started in DATA_DIR when it is not set.',
  ),
  DATABASE_POOL_MAX: integer(10, 1).describe('Maximum database connections per process.'),
  CLOUD_SQL_INSTANCE: z
    .string()
    .regex(/^[^:]+:[^:]+:[^:]+$/, { error: 'must have the form project:region:instance' })
    .optional()
    .describe('Cloud SQL instance (project:region:instance) to connect to. Use instead of DATABASE_URL.'),
  CLOUD_SQL_IP_TYPE: z
    .enum(['PUBLIC', 'PRIVATE'])
    .default('PRIVATE')
    .describe('Type of IP address to use for the Cloud SQL instance: PUBLIC or PRIVATE.'),
  DATABASE_NAME: z.string().default('cutroom').describe('Name of the database on the Cloud SQL instance.'),
  DATABASE_USER: z.string().optional().describe('IAM database user on the Cloud SQL instance.'),
}

const accounts = {
  JWT_SECRET: secret(
    z.string().optional(),
    'Key that signs tokens, for web alone: at least 32 random characters. To replace it, put the new key and a comma ' +
      'before the old one until all tokens have expired. Generated in local mode.',
  ),
  LINKS_SECRET: secret(
    z.string().min(32).optional(),
    'Key that signs upload links with STORAGE=disk, for web alone: at least 32 random characters. Defaults to one derived from ' +
      'JWT_SECRET. Generated in local mode.',
  ),
  SECRETS_KEY: secret(
    z
      .string()
      .regex(/^[\w+/-]{43}=?(?:,[\w+/-]{43}=?)?$/, {
        error: 'must be a key of 32 random bytes in base64; generate it with: openssl rand -base64 32',
      })
      .optional(),
    'Key that encrypts the request headers of sources and the credentials of destinations: 32 random bytes in base64. To replace it, put the new key and a ' +
      'comma before the old one for a week. Generated in local mode.',
  ),
  JWT_TTL_SECONDS: z.coerce
    .number()
    .int()
    .min(60)
    .max(MAX_TOKEN_SECONDS)
    .default(43_200)
    .describe('Lifetime of a login token, in seconds.'),
  ACCESS_TOKEN_SECONDS: z.coerce
    .number()
    .int()
    .min(60)
    .max(MAX_TOKEN_SECONDS)
    .default(900)
    .describe('Lifetime of the tokens of a session that can be refreshed, in seconds.'),
  SESSION_DAYS: integer(30, 1).describe(
    'Days after which a session that can be refreshed ends, counted from the login.',
  ),
  BCRYPT_COST: integer(12, 4).describe('bcrypt cost factor. Each step doubles the time of a login.'),
  EMAIL_VERIFICATION: z
    .enum(['off', 'required'])
    .default('off')
    .describe(
      'Whether e-mail addresses must be verified. required: an account is created when the link that is mailed to its address ' +
        'is opened, sign-up replies do not reveal who has an account, and no other e-mail goes to unverified addresses.',
    ),
  PASSWORD_POLICY: z
    .enum(['compatible', 'strict'])
    .default('compatible')
    .describe(
      'What new passwords must be. compatible: 8 characters, not one of the 500 commonest. strict, as NIST SP 800-63B-4: 15 ' +
        'characters, not one of the 10,000 commonest, and not the names of the user or the service.',
    ),
}

const queue = {
  QUEUE: z
    .enum(['local', 'pubsub'])
    .default('local')
    .describe('Queue backend: local, or pubsub for Google Cloud Pub/Sub.'),
  BATCH_URL: z
    .url()
    .optional()
    .describe('Base URL of the batch service, for the local queue and for dry runs. Defaults to BATCH_PORT.'),
  GOOGLE_CLOUD_PROJECT: z
    .string()
    .optional()
    .describe('Google Cloud project of the Pub/Sub topic and the bucket.'),
  PUBSUB_TOPIC: z.string().default('cutroom-jobs').describe('Pub/Sub topic for jobs.'),
  PUBSUB_EMULATOR_HOST: z
    .string()
    .regex(/^[^/:]+:\d+$/, { error: 'must have the form host:port' })
    .optional()
    .describe('host:port of a Pub/Sub emulator.'),
  PUSH_SECRET: secret(
    z.string().optional(),
    'Shared secret that authenticates web to batch in local mode. Generated there.',
  ),
  PUSH_AUDIENCE: z
    .string()
    .optional()
    .describe('Expected audience of the OIDC tokens that Pub/Sub, Cloud Scheduler and web send to batch.'),
  PUSH_SERVICE_ACCOUNTS: list.describe(
    'E-mail addresses of the service accounts that may push jobs to batch, separated by commas.',
  ),
  SWEEP_SERVICE_ACCOUNTS: list.describe(
    'Service accounts that may start sweeps. Defaults to PUSH_SERVICE_ACCOUNTS.',
  ),
  DRY_RUN_SERVICE_ACCOUNTS: list.describe(
    "Service accounts that may ask for dry runs: web's. Defaults to PUSH_SERVICE_ACCOUNTS.",
  ),
}

const storage = {
  STORAGE: z
    .enum(['disk', 'gcs'])
    .default('disk')
    .describe('Storage backend: disk, or gcs for Google Cloud Storage.'),
  BUCKET: z.string().optional().describe('Bucket for all files, with STORAGE=gcs.'),
  STORAGE_EMULATOR_HOST: z.url().optional().describe('Base URL of a Cloud Storage emulator.'),
  UPLOAD_MAX_BYTES: integer(5 * GIB, 1).describe('Maximum upload size, in bytes.'),
  STORAGE_MIN_FREE_BYTES: integer(GIB).describe(
    'Free space below which web accepts no more files, in bytes, with STORAGE=disk: a full disk would stop the database, too.',
  ),
  LINK_TTL_SECONDS: integer(3600, 60).describe('Lifetime of upload and download URLs, in seconds.'),
}

const sources = {
  SOURCE_ALLOW_HOSTS: list.describe(
    'Hosts (host or host:port, separated by commas) that may be read despite a private address. For tests only.',
  ),
  SOURCE_MAX_BYTES: integer(20 * GIB, 1).describe('Maximum size of a remote source, in bytes.'),
  SOURCE_MIN_BYTES_PER_SECOND: integer(64_000).describe(
    'Minimum pace of a remote source, in bytes per second. A host that sends less for SOURCE_PACE_SECONDS, after its first 10 s, ' +
      'counts as unavailable. So does a destination that receives less. 0 accepts any pace.',
  ),
  SOURCE_PACE_SECONDS: integer(30, 1).describe(
    'Time over which the pace of a remote source is averaged, in seconds. Only time spent waiting for its host counts.',
  ),
  SOURCE_TIMEOUT_SECONDS: integer(30, 1).describe('Read timeout for remote sources, in seconds.'),
}

const notifications = {
  SMTP_URL: secret(
    z.url({ protocol: /^smtps?$/ }).optional(),
    'Mail server for batch, such as smtps://user:password@mail.example.org.',
  ),
  MAIL_FROM: z
    .email()
    .optional()
    .describe('Sender address of e-mails. E-mail notifications are rejected when it is not set.'),
}

const media = {
  FFMPEG_PATH: z.string().default('ffmpeg').describe('Path of the ffmpeg executable.'),
  FFPROBE_PATH: z.string().default('ffprobe').describe('Path of the ffprobe executable.'),
  FFMPEG_THREADS: integer(0).describe('Threads per ffmpeg process. 0 lets ffmpeg decide.'),
  MEDIA_MAX_PIXELS: integer(8192 * 4352, 1).describe('Maximum frame size of a source, in pixels.'),
  MEDIA_MAX_SECONDS: integer(4 * 3600, 1).describe('Maximum duration of a source, in seconds.'),
  MEDIA_MAX_STREAMS: integer(64, 1).describe('Maximum number of streams in a source.'),
  MEDIA_MAX_OUTPUT_BYTES: integer(10 * GIB, 1).describe('Maximum size of an output file, in bytes.'),
  MEDIA_MAX_SCRATCH_BYTES: integer(32 * GIB, 1).describe(
    'Maximum scratch space per job, in bytes: copied sources, intermediate files and outputs.',
  ),
  MEDIA_MAX_MEMORY_BYTES: optionalInteger(0).describe(
    'Memory for all ffmpeg processes of one job together on Linux, in bytes. Defaults to what MEMORY_LIMIT_BYTES leaves for ' +
      'each job, at most 8 GiB. 0 disables the limit.',
  ),
  MEMORY_LIMIT_BYTES: optionalInteger(1).describe(
    'Memory of batch and all that it starts, in bytes. Defaults to the limit of its container (cgroup), else to three ' +
      'quarters of the memory of the machine. Batch does not start if its jobs do not fit.',
  ),
  MEDIA_SANDBOX: z
    .enum(['auto', 'off', 'required'])
    .default('auto')
    .describe(
      'Whether ffmpeg runs in a sandbox, with bubblewrap on Linux: auto where it works, off never, required to refuse to start without.',
    ),
  MEDIA_DEADLINE_SECONDS: optionalInteger(1).describe(
    'Maximum duration of one ffmpeg run, in seconds. Defaults to 480 where Pub/Sub pushes jobs, else to about a day.',
  ),
  SCRATCH_DIR: z
    .string()
    .optional()
    .describe('Directory for temporary files of batch. Defaults to a directory in DATA_DIR.'),
}

const jobs = {
  WORKER_MODE: z
    .enum(['push', 'pull', 'job'])
    .default('push')
    .describe(
      'How batch gets jobs: push serves HTTP requests of the queue; pull opens no port, except BATCH_METRICS_PORT, and needs only the database and the storage; job works like pull, but claims nothing more after JOB_DEADLINE_SECONDS and exits with 0 as soon as no job is left.',
    ),
  LONG_JOBS: z
    .string()
    .regex(/^(refuse|pull|projects\/[^/]+\/locations\/[^/]+\/jobs\/[^/]+)$/, {
      error: 'must be refuse, pull or projects/PROJECT/locations/REGION/jobs/NAME',
    })
    .default('refuse')
    .describe(
      'Where jobs that are too long for a push of Pub/Sub are run. refuse: nowhere; their tasks fail with `media.too_long`. pull: by ' +
        'workers with WORKER_MODE=pull. projects/PROJECT/locations/REGION/jobs/NAME: by this Cloud Run job, which the sweep starts.',
    ),
  LONG_JOB_EXECUTIONS: integer(1, 1).describe(
    'Executions of the Cloud Run job in LONG_JOBS at a time, approximately.',
  ),
  WORKER_POLL_SECONDS: integer(10, 1).describe(
    'Average time after which an idle worker looks for jobs if nothing has woken it, in seconds. Not used on Cloud Run services.',
  ),
  BATCH_CONCURRENCY: integer(JOBS_FOR_THIS_MACHINE, 1).describe(
    'Jobs that one batch process runs at a time.',
  ),
  JOB_DEADLINE_SECONDS: optionalInteger(1).describe(
    'Maximum duration of one attempt, in seconds. Where Pub/Sub pushes jobs it must be below 600, after which a push is ' +
      'repeated, and defaults to 540; else it defaults to a day.',
  ),
  CHUNK_SECONDS: z.coerce
    .number()
    .min(0)
    .default(45)
    .describe(
      'Estimated duration of each chunk that a long render is divided into, in seconds. Renders of up to 1.5 times this are ' +
        'not divided. 0 never divides.',
    ),
  DRAIN_SECONDS: integer(0).describe(
    'Time that batch leaves running jobs to end after SIGTERM, in seconds; it claims no others meanwhile, and then gives back ' +
      'what still runs. What stops it must wait 10 s longer before it kills, which neither Cloud Run nor npm start does.',
  ),
  JOB_MAX_ATTEMPTS: integer(5, 1).describe('Attempts before a task fails.'),
  LEASE_SECONDS: integer(30, 1).describe(
    'Time without a heartbeat after which another worker may claim a job, in seconds.',
  ),
  HEARTBEAT_SECONDS: z.coerce
    .number()
    .positive()
    .default(2)
    .describe('Interval between heartbeats, in seconds.'),
  REPUBLISH_AFTER_SECONDS: integer(30, 1).describe(
    'Time after which a job that no worker has claimed is published again, in seconds.',
  ),
  SWEEP_SECONDS: z.coerce
    .number()
    .min(0)
    .default(0)
    .describe('Interval between sweeps by batch, in seconds. 0 leaves sweeps to an external scheduler.'),
}

const quotas = {
  SIGNUPS_PER_HOUR: integer(20, 1).describe(
    'Maximum sign-ups per client address (IPv6: /64 network) and hour. A hundred times as many from the same machine.',
  ),
  LOGINS_PER_MINUTE: integer(60, 1).describe(
    'Maximum logins per client address and minute. A hundred times as many from the same machine.',
  ),
  LOGIN_FAILURES: integer(20, 1).describe(
    'Maximum failed logins per account and client address within 15 minutes. After a quarter of them, each has to wait twice as long as the one before.',
  ),
  LOGIN_FAILURES_PER_ACCOUNT: integer(100, 1).describe(
    'Maximum failed logins per account and day from addresses from which it has not been used in the last 30 days.',
  ),
  ACCOUNT_CHANGES_PER_MINUTE: integer(60, 1).describe(
    'Maximum API keys, sessions and webhook secrets that a user may create, revoke, end or replace per minute, on average.',
  ),
  TASKS_MAX_UNFINISHED: integer(1000, 1).describe('Maximum queued and running tasks per user.'),
  TASKS_PER_SECOND: integer(20, 1).describe(
    'Maximum tasks that a user may create or retry per second, on average. As many may come at once.',
  ),
  UPLOADS_PER_MINUTE: integer(600, 1).describe(
    'Maximum uploads that a user may create per minute, forms included, on average. As many may come at once.',
  ),
  UPLOADS_MAX_OPEN: integer(1000, 1).describe('Maximum uploads per user whose bytes have not arrived.'),
  UPLOADS_MAX_STORED: integer(10_000, 1).describe('Maximum uploads per user that have not expired.'),
  UPLOADS_MAX_STORED_BYTES: integer(50 * GIB, 1).describe(
    'Maximum size of all uploads of a user together, in bytes. Bytes that are sent to Cloud Storage count as soon as they are known.',
  ),
  DRY_RUNS_PER_MINUTE: integer(300, 1).describe(
    'Maximum dry runs per user and minute, on average. Only one at a time is run.',
  ),
  DRY_RUN_CONCURRENCY: integer(2, 1).describe(
    'Dry runs that a web process has in progress at a time; users take turns. Each batch process runs two.',
  ),
  REQUESTS_IN_FLIGHT: integer(20, 1).describe(
    'Maximum requests of one user that a web process works on at a time. Further ones wait for their turn, up to 5 s.',
  ),
  EVENT_STREAMS_PER_USER: integer(10, 1).describe('Maximum event streams of one user per web process.'),
  EVENT_STREAMS_PER_TASK: integer(4, 1).describe('Maximum event streams of one task per web process.'),
  EVENT_STREAMS_MAX: integer(1000, 1).describe(
    'Maximum event streams per web process. On Cloud Run, each takes one of the concurrent requests of an instance.',
  ),
  MAILS_PER_HOUR: integer(60, 1).describe('Maximum e-mail notifications per user and hour.'),
}

const retention = {
  OUTPUT_DAYS: integer(30, 1).describe('Days that the files of a finished task are kept.'),
  UPLOAD_DAYS: integer(7, 1).describe(
    'Days that an upload is kept. Unfinished tasks keep their uploads longer.',
  ),
  EVENT_DAYS: integer(30, 1).describe('Days that events of tasks and uploads are kept (`GET /events`).'),
  AUDIT_DAYS: integer(90, 1).describe('Days that audit events are kept, also those of a deleted account.'),
  ORPHAN_GRACE_SECONDS: integer(3600, 1).describe(
    'Time after an attempt has started before orphaned objects are deleted, in seconds. Must exceed the longest attempt.',
  ),
}

const groups = {
  Server: server,
  Database: database,
  Accounts: accounts,
  Queue: queue,
  Storage: storage,
  Sources: sources,
  Notifications: notifications,
  Media: media,
  Jobs: jobs,
  Quotas: quotas,
  Retention: retention,
}

/** The settings of the database alone. */
export const DatabaseEnvironment = z.object(database)
export type DatabaseEnvironment = z.infer<typeof DatabaseEnvironment>

/** Every setting. */
export const Environment = z.object({
  ...server,
  ...database,
  ...accounts,
  ...queue,
  ...storage,
  ...sources,
  ...notifications,
  ...media,
  ...jobs,
  ...quotas,
  ...retention,
})
export type Environment = z.infer<typeof Environment>

/** A setting as the documents show it. `fallback` is its default, undefined when there is none. */
export type Setting = { name: string; description: string; fallback: unknown; secret: boolean }
export type SettingGroup = { title: string; settings: Setting[] }

/** Every setting, in the groups and the order of the documents. */
export const settingGroups: SettingGroup[] = Object.entries(groups).map(([title, shape]) => ({
  title,
  settings: Object.entries<z.ZodType>(shape).map(([name, schema]) => ({
    name,
    description: schema.description ?? '',
    fallback: schema.safeParse(undefined).data,
    secret: schema.meta()?.secret === true,
  })),
}))
