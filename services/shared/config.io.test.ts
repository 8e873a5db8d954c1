import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { ConfigError, loadBatchConfig, loadConfig, loadDatabaseConfig, settings } from './config.ts'

const minimal = {
  DATABASE_URL: 'postgresql://here',
  JWT_SECRET: 'a secret for tests alone: 0123456789 abcdef',
  PUSH_SECRET: 'another',
}

function issuesOf(env: Record<string, string>, load: (env: Record<string, string>) => unknown = loadConfig) {
  try {
    load(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.issues
    throw error
  }
}

describe('mail settings', () => {
  test('need a sender when there is a mail server; web has a sender only', () => {
    expect(issuesOf({ ...minimal, SMTP_URL: 'smtp://mail.example.org' })).toEqual([
      'MAIL_FROM: required with SMTP_URL',
    ])
    expect(issuesOf({ ...minimal, MAIL_FROM: 'cutroom@example.org' })).toEqual([])
    expect(
      issuesOf({ ...minimal, SMTP_URL: 'smtp://mail.example.org', MAIL_FROM: 'cutroom@example.org' }),
    ).toEqual([])
  })

  test('are an smtp or smtps URL and an e-mail address', () => {
    const issues = issuesOf({
      ...minimal,
      SMTP_URL: 'https://mail.example.org',
      MAIL_FROM: 'a@example.org\nBcc: b@example.org',
    })
    expect(issues.map((issue) => issue.split(':')[0]).sort()).toEqual(['MAIL_FROM', 'SMTP_URL'])
  })
})

test('on Cloud Run, addresses cannot be verified without e-mail; locally the links are logged', () => {
  const required = { ...minimal, EMAIL_VERIFICATION: 'required' }
  const issue = 'MAIL_FROM: required with EMAIL_VERIFICATION=required on Cloud Run'
  expect(issuesOf(required)).toEqual([])
  expect(issuesOf({ ...required, K_SERVICE: 'web' })).toContain(issue)
  expect(issuesOf({ ...required, K_SERVICE: 'web', MAIL_FROM: 'cutroom@example.org' })).not.toContain(issue)
})

test('jobs are left to end where that is not cut short', () => {
  const issue = 'DRAIN_SECONDS: must be 0 on Cloud Run, which kills an instance 10 s after SIGTERM'
  const drained = { ...minimal, DRAIN_SECONDS: '590' }
  expect(issuesOf(drained)).toEqual([])
  expect(issuesOf({ ...drained, K_SERVICE: 'batch' })).toContain(issue)
})

describe('the secrets of web', () => {
  const withoutLogin = { DATABASE_URL: minimal.DATABASE_URL, PUSH_SECRET: minimal.PUSH_SECRET }

  test('are required by web, and neither required nor read by batch', () => {
    expect(issuesOf(withoutLogin).map((issue) => issue.split(':')[0])).toContain('JWT_SECRET')
    expect(() => loadBatchConfig(withoutLogin)).not.toThrow()
    const batch = loadBatchConfig({ ...minimal, LINKS_SECRET: 'l'.repeat(32) })
    expect(JSON.stringify(batch)).not.toContain(minimal.JWT_SECRET)
    expect(batch.storage.signingSecret).toBe('')
  })

  test('sign links with another key than logins, whether it is set or derived', () => {
    const derived = loadConfig(minimal).storage.signingSecret
    expect(derived.length).toBeGreaterThanOrEqual(32)
    expect(derived).not.toContain(minimal.JWT_SECRET)
    expect(loadConfig({ ...minimal, LINKS_SECRET: 'l'.repeat(32) }).storage.signingSecret).toBe(
      'l'.repeat(32),
    )
  })
})

describe('a worker that pulls', () => {
  const pull = { WORKER_MODE: 'pull', DATABASE_URL: minimal.DATABASE_URL }

  test('needs the database alone, and the bucket with STORAGE=gcs', () => {
    expect(issuesOf(pull)).toEqual([])
    expect(issuesOf({ ...pull, STORAGE: 'gcs' })).toEqual(['BUCKET: required with STORAGE=gcs'])
  })

  test('is no Cloud Run service, which must answer requests', () => {
    expect(issuesOf({ ...pull, K_SERVICE: 'batch' })).toContain(
      'WORKER_MODE: pull is for worker pools; a Cloud Run service must answer requests',
    )
  })
})

test('long jobs are left to nobody, to workers that pull, or to a Cloud Run job', () => {
  const job = 'projects/clips/locations/europe-west1/jobs/cutroom-long-jobs'
  const longJobs = (LONG_JOBS: string) => loadConfig({ ...minimal, LONG_JOBS }).jobs.longJobs
  expect([longJobs(''), longJobs('refuse'), longJobs('pull')]).toEqual([undefined, undefined, undefined])
  expect(longJobs(job)).toEqual({ job, maxExecutions: 1 })
  expect(issuesOf({ ...minimal, LONG_JOBS: 'cutroom-long-jobs' })).toEqual([
    'LONG_JOBS: must be refuse, pull or projects/PROJECT/locations/REGION/jobs/NAME',
  ])
})

test('a worker that ends with its work needs what one that pulls needs', () => {
  const job = { WORKER_MODE: 'job', DATABASE_URL: minimal.DATABASE_URL }
  expect(issuesOf(job)).toEqual([])
  expect(issuesOf({ ...job, K_SERVICE: 'batch' })).toContain(
    'WORKER_MODE: job is for Cloud Run jobs; a Cloud Run service must answer requests',
  )
})

test('only a push from Pub/Sub limits how long a job may take', () => {
  const hour = { ...minimal, JOB_DEADLINE_SECONDS: '3600', MEDIA_DEADLINE_SECONDS: '3500' }
  const pubsub = { QUEUE: 'pubsub', GOOGLE_CLOUD_PROJECT: 'project' }
  expect(issuesOf(hour)).toEqual([])
  expect(issuesOf({ ...hour, ...pubsub, WORKER_MODE: 'pull' })).toEqual([])
  expect(issuesOf({ ...hour, ...pubsub })).toEqual([
    'JOB_DEADLINE_SECONDS: must be below 600 with QUEUE=pubsub, the push deadline of Pub/Sub',
  ])
})

test('jobs are limited where Pub/Sub pushes them, or a deadline is set', () => {
  const pubsub = { QUEUE: 'pubsub', GOOGLE_CLOUD_PROJECT: 'project' }
  const isLimited = (env: object) => loadConfig({ ...minimal, ...env }).media.isLimited
  expect(isLimited({})).toBe(false)
  expect(isLimited(pubsub)).toBe(true)
  expect(isLimited({ ...pubsub, WORKER_MODE: 'pull' })).toBe(false)
  expect(isLimited({ MEDIA_DEADLINE_SECONDS: '600' })).toBe(true)
})

test('the secrets of docker-compose.yml are refused where others can reach the service', () => {
  const compose = {
    ...minimal,
    JWT_SECRET: 'local-use-only-7f3a9c51e2d8b604a1c6e2f0',
    PUSH_SECRET: 'local-use-only-push',
    SECRETS_KEY: 'bG9jYWwtdXNlLW9ubHktbG9jYWwtdXNlLW9ubHktISE=',
  }
  for (const PUBLIC_URL of ['http://localhost:8080', 'http://127.0.0.1:8080', 'http://[::1]:8080', '']) {
    expect(issuesOf({ ...compose, PUBLIC_URL })).toEqual([])
  }
  for (const PUBLIC_URL of [
    'https://cutroom.example.com',
    'http://192.168.1.5:8080',
    'http://localhost.example',
  ]) {
    const names = issuesOf({ ...compose, PUBLIC_URL }).map((issue) => issue.split(':')[0])
    expect(names).toEqual(['JWT_SECRET', 'PUSH_SECRET', 'SECRETS_KEY'])
  }
  const replaced = { ...minimal, PUBLIC_URL: 'https://cutroom.example.com' }
  expect(issuesOf({ ...replaced, JWT_SECRET: `${minimal.JWT_SECRET},${compose.JWT_SECRET}` })).toHaveLength(1)
})

test('each role of batch has the accounts of pushes, unless it has its own', () => {
  const accounts = (env: object) => loadConfig({ ...minimal, ...env }).push.serviceAccounts
  expect(accounts({ PUSH_SERVICE_ACCOUNTS: 'a@x, b@x' })).toEqual({
    push: ['a@x', 'b@x'],
    sweep: ['a@x', 'b@x'],
    dryRun: ['a@x', 'b@x'],
  })
  const split = {
    PUSH_SERVICE_ACCOUNTS: 'a@x',
    SWEEP_SERVICE_ACCOUNTS: 'b@x',
    DRY_RUN_SERVICE_ACCOUNTS: 'c@x',
  }
  expect(accounts(split)).toEqual({ push: ['a@x'], sweep: ['b@x'], dryRun: ['c@x'] })
})

test.each(['*', 'app.example.com', 'https://app.example.com/', 'https://app.example.com/path', 'null'])(
  'CORS_ORIGINS takes no %s',
  (origin) => {
    expect(issuesOf({ ...minimal, CORS_ORIGINS: origin })).toEqual([
      'CORS_ORIGINS: must be origins such as https://app.example.com',
    ])
  },
)

test('an empty variable counts as unset', () => {
  expect(loadConfig({ ...minimal, SMTP_URL: '', MAIL_FROM: '' }).mail).toEqual({})
})

test('all issues are reported together', () => {
  const issues = issuesOf({ STORAGE: 'gcs', QUEUE: 'pubsub', JWT_SECRET: 'x'.repeat(40) })
  expect(issues.map((issue) => issue.split(':')[0])).toEqual([
    'DATABASE_URL',
    'JWT_SECRET',
    'PUSH_SECRET',
    'GOOGLE_CLOUD_PROJECT',
    'BUCKET',
  ])
})

test('the database can be configured without the other settings', () => {
  const { DATABASE_URL } = minimal
  expect(loadDatabaseConfig({ DATABASE_URL })).toEqual({ url: DATABASE_URL, poolMax: 10 })
  expect(issuesOf({ CLOUD_SQL_INSTANCE: 'a:b:c' }, loadDatabaseConfig)).toEqual([
    'DATABASE_USER: required with CLOUD_SQL_INSTANCE',
  ])
})

test('one key or two sign tokens, each long and random enough', () => {
  const [first, second] = [minimal.JWT_SECRET, 'another secret for tests: 9876543210 fedcba']
  const secretsOf = (JWT_SECRET: string) => loadConfig({ ...minimal, JWT_SECRET }).auth.secrets
  expect(secretsOf(first)).toEqual([first])
  expect(secretsOf(`${second}, ${first}`)).toEqual([second, first])
  for (const wrong of [
    'short',
    `${first},short`,
    `${first},`,
    `${first},${'x'.repeat(40)}`,
    `${first},${second},${first}`,
  ]) {
    const names = issuesOf({ ...minimal, JWT_SECRET: wrong }).map((issue) => issue.split(':')[0])
    expect(new Set(names)).toEqual(new Set(['JWT_SECRET']))
  }
})

test('one key or two encrypt headers, each of 32 bytes', () => {
  const key = (byte: number) => Buffer.alloc(32, byte)
  const keysOf = (SECRETS_KEY: string) => loadConfig({ ...minimal, SECRETS_KEY }).sealingKeys
  expect(keysOf('')).toEqual([])
  expect(keysOf(key(1).toString('base64'))).toEqual([key(1)])
  expect(keysOf(`${key(0xff).toString('base64url')},${key(2).toString('base64')}`)).toEqual([
    key(0xff),
    key(2),
  ])
  for (const wrong of [
    'short',
    key(1).toString('hex'),
    Buffer.alloc(33).toString('base64'),
    'x'.repeat(48),
  ]) {
    const issues = issuesOf({ ...minimal, SECRETS_KEY: wrong })
    expect(issues).toEqual([expect.stringMatching(/^SECRETS_KEY: must be .*openssl rand -base64 32$/)])
    expect(issues.join()).not.toContain(wrong)
  }
})

test('every setting has a description', () => {
  expect(settings.filter(({ description }) => description === '')).toEqual([])
})

/** The dotted paths of all values, such as `media.limits.pixels`. */
function leavesOf(value: object, path: string[] = []): string[] {
  return Object.entries(value).flatMap(([name, inner]) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? leavesOf(inner, [...path, name])
      : [[...path, name].join('.')],
  )
}

/** The sources of all services, without tests and without what parses the settings. */
function serviceSources(): Set<string>[] {
  const root = join(import.meta.dirname, '..')
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(
      (path) => path.endsWith('.ts') && !/\.test\.ts$|(^|\/)(testing|generated)\/|shared\/config/.test(path),
    )
    .map((path) => new Set(readFileSync(join(root, path), 'utf8').match(/\w+/g)))
}

test('every setting is read by a service', () => {
  const config = loadConfig({
    CLOUD_SQL_INSTANCE: 'project:region:instance',
    DATABASE_USER: 'web',
    JWT_SECRET: minimal.JWT_SECRET,
    PUSH_SECRET: minimal.PUSH_SECRET,
  })
  const sources = serviceSources()
  // Compound names such as `outputDays` are unique. Short ones such as `kind` count only next to their group.
  const isRead = (leaf: string) => {
    const [name = '', group = 'config'] = leaf.split('.').reverse()
    return sources.some((words) => words.has(name) && (/[A-Z]/.test(name) || words.has(group)))
  }
  expect(leavesOf(config).filter((leaf) => !isRead(leaf))).toEqual([])
})
