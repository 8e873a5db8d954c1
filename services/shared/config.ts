import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { z } from 'zod'

const whole = (fallback: number, min = 0) => z.coerce.number().int().min(min).default(fallback)
const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim().toLowerCase())
      .filter(Boolean),
  )
/** One encode at x264's own threading fills about two cores. */
const jobsForThisMachine = Math.max(1, Math.floor(availableParallelism() / 2))

const Environment = z.object({
  PORT: whole(8080).describe('Port of web; in the cloud, of either service.'),
  BATCH_PORT: whole(8081).describe('Port of batch on one computer.'),
  HOST: z.string().default('127.0.0.1').describe('Address to listen on; 0.0.0.0 in a container.'),
  PUBLIC_URL: z.url().optional().describe('Where people reach web; links start with it.'),
  BATCH_URL: z.url().optional().describe('Where the local queue reaches batch.'),
  DATA_DIR: z.string().min(1).default('.cutroom').describe('Database, files and secrets on one computer.'),
  LOG_LEVEL: z
    .enum(['error', 'warn', 'info', 'debug'])
    .default('info')
    .describe('Least severity that is logged.'),
  LOG_FORMAT: z.enum(['json', 'text']).optional().describe('json for machines, text for a terminal.'),

  DATABASE_URL: z
    .string()
    .optional()
    .describe('A Postgres; left out, an embedded one is started in DATA_DIR.'),
  DATABASE_POOL_MAX: whole(10, 1).describe('Connections each process may hold.'),
  CLOUD_SQL_INSTANCE: z
    .string()
    .regex(/^[^:]+:[^:]+:[^:]+$/)
    .optional()
    .describe('project:region:instance; connects through the Cloud SQL connector.'),
  CLOUD_SQL_IP_TYPE: z
    .enum(['PUBLIC', 'PRIVATE'])
    .default('PRIVATE')
    .describe('Which address of the instance.'),
  DATABASE_NAME: z.string().default('cutroom').describe('Database on the Cloud SQL instance.'),
  DATABASE_USER: z.string().optional().describe('IAM database user on the Cloud SQL instance.'),

  JWT_SECRET: z
    .string()
    .optional()
    .describe('Signs tokens, 32 characters or more; made once on one computer.'),
  JWT_TTL_SECONDS: whole(43_200, 60).describe('How long a login lasts.'),
  BCRYPT_COST: whole(12, 4).describe('Rounds of bcrypt, as a power of two.'),

  QUEUE: z.enum(['local', 'pubsub']).default('local').describe('How web rings batch.'),
  GOOGLE_CLOUD_PROJECT: z.string().optional().describe('Project of topic and bucket.'),
  PUBSUB_TOPIC: z.string().default('cutroom-jobs').describe('Topic that batch is subscribed to.'),
  PUBSUB_EMULATOR_HOST: z
    .string()
    .regex(/^[^/:]+:\d+$/)
    .optional()
    .describe('host:port of a stand-in for Pub/Sub.'),
  PUSH_SECRET: z.string().optional().describe('What the local queue shows batch; made once on one computer.'),
  PUSH_AUDIENCE: z.string().optional().describe('Audience of the OIDC token that Pub/Sub shows batch.'),
  PUSH_SERVICE_ACCOUNTS: list.describe('E-mails that may push or sweep, with commas between.'),

  STORAGE: z.enum(['disk', 'gcs']).default('disk').describe('Where files are kept.'),
  BUCKET: z.string().optional().describe('Cloud Storage bucket.'),
  STORAGE_EMULATOR_HOST: z.url().optional().describe('A stand-in for Cloud Storage.'),
  UPLOAD_MAX_BYTES: whole(5 * 1024 ** 3, 1).describe('Largest file that is taken.'),
  LINK_TTL_SECONDS: whole(3600, 60).describe('How long upload and download links last.'),

  SOURCE_ALLOW_HOSTS: list.describe(
    'Hosts (host or host:port) read although their address is private: local trials only.',
  ),
  SOURCE_MAX_BYTES: whole(20 * 1024 ** 3, 1).describe('Largest source read from an address.'),
  SOURCE_TIMEOUT_SECONDS: whole(30, 1).describe('Silence after which a source counts as gone.'),

  SMTP_URL: z
    .url({ protocol: /^smtps?$/ })
    .optional()
    .describe('Mail server of batch, such as smtps://user:password@mail.example.org; a secret.'),
  MAIL_FROM: z.email().optional().describe('Sender of mails. Without it, people cannot ask for mail.'),

  FFMPEG_PATH: z.string().default('ffmpeg').describe('The ffmpeg to run.'),
  FFPROBE_PATH: z.string().default('ffprobe').describe('The ffprobe to run.'),
  FFMPEG_THREADS: whole(0).describe('Threads for each ffmpeg; 0 lets it choose.'),
  MEDIA_MAX_PIXELS: whole(8192 * 4352, 1).describe('Largest picture that is decoded.'),
  MEDIA_MAX_SECONDS: whole(4 * 3600, 1).describe('Longest source that is taken.'),
  MEDIA_MAX_STREAMS: whole(64, 1).describe('Most streams a source may have.'),
  MEDIA_MAX_OUTPUT_BYTES: whole(10 * 1024 ** 3, 1).describe('Largest output that is made.'),
  MEDIA_MAX_SCRATCH_BYTES: whole(32 * 1024 ** 3, 1).describe(
    'Most scratch space one job may take: sources that had to be copied, outputs, and files on the way to them.',
  ),
  MEDIA_MAX_MEMORY_BYTES: whole(8 * 1024 ** 3).describe(
    'Address space of each ffmpeg, on Linux; 0 sets no bound.',
  ),
  MEDIA_DEADLINE_SECONDS: whole(480, 1).describe('Wall clock of one ffmpeg run.'),
  SCRATCH_DIR: z.string().optional().describe('Scratch space of batch; inside DATA_DIR when left out.'),

  BATCH_CONCURRENCY: whole(jobsForThisMachine, 1).describe('Jobs one batch process works on at a time.'),
  JOB_DEADLINE_SECONDS: whole(540, 1).describe('Wall clock of one attempt; below the 600 s of Pub/Sub.'),
  JOB_MAX_ATTEMPTS: whole(5, 1).describe('Attempts before a task fails for good.'),
  LEASE_SECONDS: whole(30, 1).describe('How long a claim stands without a heartbeat.'),
  HEARTBEAT_SECONDS: z.coerce.number().positive().default(2).describe('Time between heartbeats.'),
  REPUBLISH_AFTER_SECONDS: whole(30, 1).describe('When a job nobody claimed is announced again.'),
  SWEEP_SECONDS: z.coerce
    .number()
    .min(0)
    .default(0)
    .describe('Time between sweeps by batch itself; 0 leaves it to a scheduler.'),

  TASKS_MAX_UNFINISHED: whole(1000, 1).describe('Tasks of one user that may wait or run at a time.'),
  TASKS_PER_SECOND: whole(20, 1).describe('Tasks one user may create in a second.'),
  MAILS_PER_HOUR: whole(60, 1).describe('Mails one user may have sent in an hour.'),
  OUTPUT_DAYS: whole(30, 1).describe('How long the files of a finished task are kept.'),
  UPLOAD_DAYS: whole(7, 1).describe('How long an upload is kept, unless an unfinished task needs it.'),
  ORPHAN_GRACE_SECONDS: whole(3600, 1).describe(
    'How long after an attempt began its leftovers are looked for; more than it may last.',
  ),

  K_SERVICE: z.string().optional().describe('Set by Cloud Run.'),
})

export type Environment = z.infer<typeof Environment>

/** Name, default and meaning of every setting, for the README's table and .env.example. */
export const settings = Object.entries(Environment.shape).map(([name, schema]) => ({
  name,
  description: schema.description ?? '',
  fallback: schema.safeParse(undefined).data as unknown,
}))

/** Every setting of the product, checked and complete. */
export type Config = ReturnType<typeof complete>

/**
 * The only reader of the environment. Reports every fault together, each with its setting's name.
 * Throws ConfigError.
 */
export function loadConfig(env: Record<string, string | undefined> = process.env): Config {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  )
  const parsed = Environment.safeParse(given)
  const faults = parsed.success
    ? contradictions(parsed.data)
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults)
  return complete(parsed.data)
}

/** The database's settings alone, for what needs no others. Throws ConfigError. */
export function loadDatabaseConfig(
  env: Record<string, string | undefined> = process.env,
): Config['database'] {
  // What the services want besides is nothing that a migration should have to know.
  const filler = randomBytes(32).toString('base64')
  const {
    DATABASE_URL,
    DATABASE_POOL_MAX,
    CLOUD_SQL_INSTANCE,
    CLOUD_SQL_IP_TYPE,
    DATABASE_NAME,
    DATABASE_USER,
  } = env
  const own = {
    DATABASE_URL,
    DATABASE_POOL_MAX,
    CLOUD_SQL_INSTANCE,
    CLOUD_SQL_IP_TYPE,
    DATABASE_NAME,
    DATABASE_USER,
  }
  return loadConfig({ ...own, JWT_SECRET: filler, PUSH_SECRET: filler }).database
}

/** All that is wrong with the settings, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: string[]
  constructor(faults: string[]) {
    super(`The settings cannot be used:\n${faults.map((fault) => `  ${fault}`).join('\n')}`)
    this.faults = faults
  }
}

/** What is wrong between settings that are each right. */
function contradictions(env: Environment): string[] {
  const cloud = env.K_SERVICE !== undefined
  const faults: string[] = []
  const demand = (right: unknown, fault: string) => {
    if (!right) faults.push(fault)
  }
  demand(
    env.DATABASE_URL !== undefined || env.CLOUD_SQL_INSTANCE !== undefined,
    'DATABASE_URL: give a Postgres address, or CLOUD_SQL_INSTANCE',
  )
  demand(!env.CLOUD_SQL_INSTANCE || env.DATABASE_USER, 'DATABASE_USER: needed with CLOUD_SQL_INSTANCE')
  demand((env.JWT_SECRET ?? '').length >= 32, 'JWT_SECRET: give 32 random characters or more')
  demand(
    new Set(env.JWT_SECRET).size >= 12,
    'JWT_SECRET: too regular to be random; try: openssl rand -base64 48',
  )
  demand(env.QUEUE !== 'pubsub' || env.GOOGLE_CLOUD_PROJECT, 'GOOGLE_CLOUD_PROJECT: needed with QUEUE=pubsub')
  demand(env.STORAGE !== 'gcs' || env.BUCKET, 'BUCKET: needed with STORAGE=gcs')
  demand(
    env.PUSH_SECRET || env.PUSH_AUDIENCE,
    'PUSH_SECRET: needed unless PUSH_AUDIENCE and PUSH_SERVICE_ACCOUNTS are given',
  )
  demand(
    !env.PUSH_AUDIENCE || env.PUSH_SERVICE_ACCOUNTS.length > 0,
    'PUSH_SERVICE_ACCOUNTS: needed with PUSH_AUDIENCE',
  )
  demand(
    !cloud || env.SOURCE_ALLOW_HOSTS.length === 0,
    'SOURCE_ALLOW_HOSTS: for local trials only, never in the cloud',
  )
  demand(!env.SMTP_URL || env.MAIL_FROM, 'MAIL_FROM: needed with SMTP_URL')
  demand(!cloud || env.PUBLIC_URL, 'PUBLIC_URL: needed in the cloud')
  demand(
    !cloud || !env.PUSH_SECRET,
    'PUSH_SECRET: for one computer only; in the cloud pushes show an OIDC token',
  )
  demand(
    env.MEDIA_DEADLINE_SECONDS < env.JOB_DEADLINE_SECONDS && env.JOB_DEADLINE_SECONDS < 600,
    'JOB_DEADLINE_SECONDS: must lie between MEDIA_DEADLINE_SECONDS and the 600 s that Pub/Sub waits',
  )
  demand(
    env.HEARTBEAT_SECONDS * 3 <= env.LEASE_SECONDS,
    'HEARTBEAT_SECONDS: at most a third of LEASE_SECONDS, so that one lost heartbeat loses no lease',
  )
  return faults
}

/** An upload link lasts an hour; an upload that nobody went on with for days is over. */
const PARTIAL_DAYS = 2

/** The settings as the rooms want them, grouped, with what follows from others filled in. */
function complete(env: Environment) {
  const dataDir = resolve(env.DATA_DIR)
  const publicUrl = (env.PUBLIC_URL ?? `http://localhost:${env.PORT}`).replace(/\/$/, '')
  return {
    port: env.PORT,
    batchPort: env.K_SERVICE ? env.PORT : env.BATCH_PORT,
    host: env.K_SERVICE ? '0.0.0.0' : env.HOST,
    publicUrl,
    inCloud: env.K_SERVICE !== undefined,
    log: { level: env.LOG_LEVEL, format: env.LOG_FORMAT ?? (env.K_SERVICE ? 'json' : 'text') },
    database: databaseOf(env),
    auth: { secret: env.JWT_SECRET ?? '', ttlSeconds: env.JWT_TTL_SECONDS, bcryptCost: env.BCRYPT_COST },
    queue: {
      kind: env.QUEUE,
      project: env.GOOGLE_CLOUD_PROJECT ?? '',
      topic: env.PUBSUB_TOPIC,
      emulator: env.PUBSUB_EMULATOR_HOST,
      batchUrl: (env.BATCH_URL ?? `http://127.0.0.1:${env.BATCH_PORT}`).replace(/\/$/, ''),
    },
    push: {
      secret: env.PUSH_SECRET,
      audience: env.PUSH_AUDIENCE,
      serviceAccounts: env.PUSH_SERVICE_ACCOUNTS,
    },
    storage: {
      kind: env.STORAGE,
      project: env.GOOGLE_CLOUD_PROJECT,
      bucket: env.BUCKET ?? '',
      emulator: env.STORAGE_EMULATOR_HOST,
      dir: resolve(dataDir, 'files'),
      publicUrl,
      signingSecret: env.JWT_SECRET ?? '',
    },
    uploads: { maxBytes: env.UPLOAD_MAX_BYTES, linkSeconds: env.LINK_TTL_SECONDS },
    sources: {
      allowHosts: env.SOURCE_ALLOW_HOSTS,
      maxBytes: env.SOURCE_MAX_BYTES,
      readTimeoutMs: env.SOURCE_TIMEOUT_SECONDS * 1000,
    },
    mail: { from: env.MAIL_FROM, smtpUrl: env.SMTP_URL },
    media: {
      ffmpeg: env.FFMPEG_PATH,
      ffprobe: env.FFPROBE_PATH,
      threads: env.FFMPEG_THREADS,
      deadlineMs: env.MEDIA_DEADLINE_SECONDS * 1000,
      memoryBytes: env.MEDIA_MAX_MEMORY_BYTES,
      scratchDir: resolve(env.SCRATCH_DIR ?? `${dataDir}/scratch`),
      limits: {
        pixels: env.MEDIA_MAX_PIXELS,
        seconds: env.MEDIA_MAX_SECONDS,
        streams: env.MEDIA_MAX_STREAMS,
        outputBytes: env.MEDIA_MAX_OUTPUT_BYTES,
        scratchBytes: env.MEDIA_MAX_SCRATCH_BYTES,
      },
    },
    jobs: {
      concurrency: env.BATCH_CONCURRENCY,
      deadlineMs: env.JOB_DEADLINE_SECONDS * 1000,
      maxAttempts: env.JOB_MAX_ATTEMPTS,
      leaseMs: env.LEASE_SECONDS * 1000,
      heartbeatMs: env.HEARTBEAT_SECONDS * 1000,
      republishAfterMs: env.REPUBLISH_AFTER_SECONDS * 1000,
      sweepMs: env.SWEEP_SECONDS * 1000,
    },
    quotas: {
      unfinished: env.TASKS_MAX_UNFINISHED,
      perSecond: env.TASKS_PER_SECOND,
      mailsPerHour: env.MAILS_PER_HOUR,
    },
    retention: {
      outputDays: env.OUTPUT_DAYS,
      uploadDays: env.UPLOAD_DAYS,
      orphanGraceMs: env.ORPHAN_GRACE_SECONDS * 1000,
      partialMs: PARTIAL_DAYS * 86_400_000,
    },
  }
}

function databaseOf(env: Environment) {
  return {
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
  }
}
