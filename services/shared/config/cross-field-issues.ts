import { PUSH_TIMEOUT_MS } from '../queue/port.ts'
import { deadlinesOf, isPushedByPubSub } from './deadlines.ts'
import { keysOf } from './keys.ts'
import type { DatabaseEnvironment, Environment } from './settings.ts'

/** A condition between settings; `issue` names the setting to change and is reported when it does not hold. */
type Rule<E> = { holds: (env: E) => unknown; issue: string }

const broken = <E>(rules: Rule<E>[], env: E): string[] =>
  rules.filter(({ holds }) => !holds(env)).map(({ issue }) => issue)

/** What is wrong between the settings of the database, one line each. */
export const databaseIssues = (env: DatabaseEnvironment): string[] => broken(DATABASE_RULES, env)

/** What is wrong between settings that are each valid on their own, one line each. */
export const crossFieldIssues = (env: Environment, service: 'web' | 'batch'): string[] => [
  ...databaseIssues(env),
  ...broken(service === 'web' && !servesNoRequests(env) ? LOGIN_RULES : [], env),
  ...broken(servesNoRequests(env) ? [] : PUSH_RULES, env),
  ...broken([...BACKEND_RULES, ...CLOUD_RUN_RULES, ...TIMING_RULES], env),
]

/** Workers that pull, or end with their work, serve no requests, so they neither sign nor check anything. */
const servesNoRequests = (env: Environment) => env.WORKER_MODE !== 'push'

const DATABASE_RULES: Rule<DatabaseEnvironment>[] = [
  {
    holds: (env) => env.DATABASE_URL !== undefined || env.CLOUD_SQL_INSTANCE !== undefined,
    issue: 'DATABASE_URL: required unless CLOUD_SQL_INSTANCE is set',
  },
  {
    holds: (env) => !env.CLOUD_SQL_INSTANCE || env.DATABASE_USER,
    issue: 'DATABASE_USER: required with CLOUD_SQL_INSTANCE',
  },
]

/** Random base64 of 32 characters has about 25 distinct ones; fewer than 12 is a word or a pattern. */
const MIN_DISTINCT_CHARACTERS = 12

/** docker-compose.yml's own secrets are for a stack that only this machine can reach. */
function notPublished(
  name: 'JWT_SECRET' | 'PUSH_SECRET' | 'SECRETS_KEY',
  generator: string,
): Rule<Environment> {
  const beginning = name === 'SECRETS_KEY' ? btoa('local-use-only-') : 'local-use-only-'
  return {
    holds: (env) => !keysOf(env[name]).some((key) => key.startsWith(beginning)) || isLocal(env.PUBLIC_URL),
    issue: `${name}: is the one in docker-compose.yml, which everybody knows; generate another one with: ${generator}`,
  }
}

const isLocal = (url = 'http://localhost') => {
  const { hostname } = new URL(url)
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}

const LOGIN_RULES: Rule<Environment>[] = [
  {
    holds: (env) => keysOf(env.JWT_SECRET).every((key) => key.length >= 32),
    issue: 'JWT_SECRET: must have at least 32 random characters; generate it with: openssl rand -base64 48',
  },
  {
    holds: (env) => keysOf(env.JWT_SECRET).length <= 2,
    issue: 'JWT_SECRET: must be one key, or the new one and the old one with a comma between them',
  },
  {
    holds: (env) => keysOf(env.JWT_SECRET).every((key) => new Set(key).size >= MIN_DISTINCT_CHARACTERS),
    issue: 'JWT_SECRET: is not random enough; generate it with: openssl rand -base64 48',
  },
  notPublished('JWT_SECRET', 'openssl rand -base64 48'),
]

const PUSH_RULES: Rule<Environment>[] = [
  notPublished('PUSH_SECRET', 'openssl rand -base64 48'),
  notPublished('SECRETS_KEY', 'openssl rand -base64 32'),
  {
    holds: (env) => env.PUSH_SECRET || env.PUSH_AUDIENCE,
    issue: 'PUSH_SECRET: required unless PUSH_AUDIENCE and PUSH_SERVICE_ACCOUNTS are set',
  },
  {
    holds: (env) => !env.PUSH_AUDIENCE || env.PUSH_SERVICE_ACCOUNTS.length > 0,
    issue: 'PUSH_SERVICE_ACCOUNTS: required with PUSH_AUDIENCE',
  },
]

const BACKEND_RULES: Rule<Environment>[] = [
  {
    holds: (env) => env.QUEUE !== 'pubsub' || env.GOOGLE_CLOUD_PROJECT,
    issue: 'GOOGLE_CLOUD_PROJECT: required with QUEUE=pubsub',
  },
  { holds: (env) => env.STORAGE !== 'gcs' || env.BUCKET, issue: 'BUCKET: required with STORAGE=gcs' },
  { holds: (env) => !env.SMTP_URL || env.MAIL_FROM, issue: 'MAIL_FROM: required with SMTP_URL' },
]

const isOnCloudRun = (env: Environment) => env.K_SERVICE !== undefined

const CLOUD_RUN_RULES: Rule<Environment>[] = [
  {
    holds: (env) => !isOnCloudRun(env) || env.SOURCE_ALLOW_HOSTS.length === 0,
    issue: 'SOURCE_ALLOW_HOSTS: for tests only; remove it on Cloud Run',
  },
  {
    holds: (env) => !isOnCloudRun(env) || env.SECRETS_KEY,
    issue: 'SECRETS_KEY: required on Cloud Run; generate it with: openssl rand -base64 32',
  },
  { holds: (env) => !isOnCloudRun(env) || env.PUBLIC_URL, issue: 'PUBLIC_URL: required on Cloud Run' },
  {
    holds: (env) => !isOnCloudRun(env) || env.EMAIL_VERIFICATION === 'off' || env.MAIL_FROM,
    issue: 'MAIL_FROM: required with EMAIL_VERIFICATION=required on Cloud Run',
  },
  {
    holds: (env) => !isOnCloudRun(env) || env.WORKER_MODE !== 'pull',
    issue: 'WORKER_MODE: pull is for worker pools; a Cloud Run service must answer requests',
  },
  {
    holds: (env) => !isOnCloudRun(env) || env.WORKER_MODE !== 'job',
    issue: 'WORKER_MODE: job is for Cloud Run jobs; a Cloud Run service must answer requests',
  },
  {
    holds: (env) => !isOnCloudRun(env) || env.DRAIN_SECONDS === 0,
    issue: 'DRAIN_SECONDS: must be 0 on Cloud Run, which kills an instance 10 s after SIGTERM',
  },
  {
    holds: (env) => !isOnCloudRun(env) || !env.PUSH_SECRET,
    issue: 'PUSH_SECRET: for local mode only; on Cloud Run, callers of batch authenticate with OIDC tokens',
  },
]

const TIMING_RULES: Rule<Environment>[] = [
  {
    holds: (env) => deadlinesOf(env).media < deadlinesOf(env).job,
    issue: 'JOB_DEADLINE_SECONDS: must be above MEDIA_DEADLINE_SECONDS',
  },
  {
    // https://cloud.google.com/pubsub/docs/push
    holds: (env) => !isPushedByPubSub(env) || deadlinesOf(env).job * 1000 < PUSH_TIMEOUT_MS,
    issue: `JOB_DEADLINE_SECONDS: must be below ${PUSH_TIMEOUT_MS / 1000} with QUEUE=pubsub, the push deadline of Pub/Sub`,
  },
  {
    holds: (env) => env.HEARTBEAT_SECONDS * 3 <= env.LEASE_SECONDS,
    issue:
      'HEARTBEAT_SECONDS: must be at most a third of LEASE_SECONDS, so that one lost heartbeat loses no lease',
  },
]
