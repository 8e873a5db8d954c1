import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import supertest from 'supertest'
import type { DryRunRequest, DryRunResult } from '#shared/contract/dry-run.ts'
import { MAX_BLOCK_BYTES } from '#shared/contract/inspect/source-links.ts'
import { encodePushEnvelope } from '#shared/contract/job-message.ts'
import { CutroomError } from '#shared/errors.ts'
import { listen } from '#shared/http/listen.ts'
import { silentLogger } from '#shared/observability/logger.ts'
import { type BatchDeps, createBatchApp } from './app.ts'
import { createClaimLoop } from './jobs/claim-loop.ts'
import { createJobSlots } from './jobs/job-slots.ts'
import type { PushOutcome } from './push/reply.ts'
import { createCallerVerifier } from './push/verify-caller.ts'

const secret = 'a-secret-of-the-test'
const metricsToken = 'another-secret-of-the-test'
const jobId = '11111111-1111-4111-8111-111111111111'
const envelope = encodePushEnvelope(
  { job_id: jobId },
  { messageId: '1', publishedAt: new Date(0), subscription: 'test', attempt: 1 },
)

const dryRunResult: DryRunResult = {
  sources: [],
  problem: null,
  outputs: [],
  bytes_to_read: 0,
  chunks: 1,
  cpu_seconds: 1,
  seconds_on_workers: [],
  estimated_seconds: 1,
  limit_seconds: 480,
  fits: true,
}

const counts = {
  notified: 0,
  requeued: 1,
  failed: 0,
  republished: 2,
  unpublished: 0,
  repaired: 0,
  outputs: 0,
  uploads: 0,
  idempotency_keys: 0,
  rate_limits: 0,
  source_headers: 0,
  destinations: 0,
  sessions: 0,
  api_keys: 0,
  source_links: 0,
  audit_events: 0,
  events: 0,
  accounts: 0,
  account_mails: 0,
  orphaned_objects: 0,
  partials: 0,
}

let stopping: AbortController
let processed: string[]
let process: () => Promise<PushOutcome>
let deadLetters: string[]
let notified: number
let dryRuns: DryRunRequest[]
let dryRun: (signal?: AbortSignal) => Promise<DryRunResult>
beforeEach(() => {
  stopping = new AbortController()
  processed = []
  deadLetters = []
  notified = 0
  dryRuns = []
  dryRun = async () => dryRunResult
  process = async () => 'done'
})
afterEach(() => stopping.abort())

function open(overrides: Partial<BatchDeps> = {}) {
  const maintenance = {
    run: async () => counts,
    republishWaiting: async () => {},
    sendNewNotifications: async () => {
      notified += 1
    },
    recordDeadLetter: async (id: string) => {
      deadLetters.push(id)
      return 'waiting' as const
    },
  }
  const processOne = async (id?: string) => {
    if (id === undefined) return 'none' as const
    processed.push(id)
    return process()
  }
  return createBatchApp({
    log: silentLogger,
    project: '',
    verifyCaller: createCallerVerifier({ secret, serviceAccounts: { push: [], sweep: [], dryRun: [] } }, () =>
      Promise.reject(new Error('not used')),
    ),
    metricsToken,
    jobs: createClaimLoop(
      { slots: createJobSlots(1), process: processOne, maintenance, log: silentLogger },
      stopping.signal,
    ),
    maintenance,
    sourceReader: {
      read: async ({ start }) => ({
        start,
        size: 10,
        contentType: 'video/mp4; x',
        bytes: Buffer.from('234'),
      }),
    },
    inspector: { inspect: async () => ({ duration: 1, covered_seconds: 1, complete: true, times: [] }) },
    dryRunner: {
      dryRun: (request, signal) => {
        dryRuns.push(request)
        return dryRun(signal)
      },
    },
    checkReady: async () => {},
    ...overrides,
  })
}

const push = (app = open(), path = '/push') =>
  supertest(app).post(path).set('Authorization', `Bearer ${secret}`).type('application/json')

describe('a push', () => {
  test('is acknowledged with 204 once its job has been processed', async () => {
    await push().send(envelope).expect(204)
    expect(processed).toEqual([jobId])
  })

  test('without the secret is rejected', async () => {
    await supertest(open()).post('/push').send(envelope).expect(401)
    await push().set('Authorization', 'Bearer guess').send(envelope).expect(401)
    expect(processed).toEqual([])
  })

  test('may present the secret in the query, as the emulator must', async () => {
    await supertest(open())
      .post(`/push?token=${encodeURIComponent(secret)}`)
      .send(envelope)
      .expect(204)
  })

  test('that is unreadable is acknowledged, since it would stay unreadable', async () => {
    await push().send('{"message":').expect(204)
    await push()
      .send({ message: { data: 'bm90IGpzb24=', messageId: '1' }, subscription: 's' })
      .expect(204)
    expect(processed).toEqual([])
  })

  test('is acknowledged while no slot is free, and its job is left to the slots', async () => {
    const started = Promise.withResolvers<void>()
    const ended = Promise.withResolvers<PushOutcome>()
    process = () => {
      started.resolve()
      return ended.promise
    }
    const app = open()
    const first = push(app)
      .send(envelope)
      .then((response) => response.status)
    await started.promise
    await push(app).send(envelope).expect(204)
    ended.resolve('done')
    expect(await first).toBe(204)
    expect(processed).toHaveLength(1)
  })

  test('gets 429 for a while after the disk was full, so that other workers get the jobs', async () => {
    process = async () => 'no_free_space'
    const app = open()
    await push(app).send(envelope).expect(503)
    await push(app).send(envelope).expect(429)
    expect(processed).toHaveLength(1)
  })

  test.each(['retry', 'stopping'] as const)(
    'whose outcome is %s gets 503, so that the queue pushes again',
    async (end) => {
      process = async () => end
      await push().send(envelope).expect(503)
    },
  )

  test('whose outcome could not be recorded gets 500, so that the queue pushes again', async () => {
    process = () => Promise.reject(new Error('the database is unavailable'))
    await push().send(envelope).expect(500)
  })

  test.each<[PushOutcome, number]>([
    ['done', 1],
    ['failed', 1],
    ['finished', 1],
    ['retry', 0],
    ['duplicate', 0],
    ['stopping', 0],
  ])('whose outcome is %s sends notifications %d times', async (outcome, times) => {
    process = async () => outcome
    await push().send(envelope)
    expect(notified).toBe(times)
  })

  test('gets 503 while shutting down', async () => {
    stopping.abort()
    await push().send(envelope).expect(503)
    expect(processed).toEqual([])
  })
})

describe('a dry run', () => {
  const recipe = { sources: [{ url: 'https://example.com/a.mp4' }] }
  const request = { user_id: jobId, recipe }

  test('with the secret returns the result', async () => {
    const { body } = await push(open(), '/dry-run').send(request).expect(200)
    expect(body).toEqual(dryRunResult)
    expect(dryRuns).toMatchObject([request])
  })

  test('without the secret is rejected', async () => {
    await supertest(open()).post('/dry-run').send(request).expect(401)
    expect(dryRuns).toEqual([])
  })

  test('with an invalid recipe is rejected, naming each field', async () => {
    const { body } = await push(open(), '/dry-run')
      .send({ user_id: 'ada', recipe: { sources: [] } })
      .expect(422)
    expect(body.errors.map(({ path }: { path: string }) => path)).toEqual(['user_id', 'recipe.sources'])
  })

  test('is aborted when its caller disconnects, which is no error', async () => {
    const begun = Promise.withResolvers<void>()
    const ended = Promise.withResolvers<void>()
    dryRun = (signal) =>
      new Promise((_, reject) => {
        begun.resolve()
        signal?.addEventListener('abort', () => {
          reject(signal.reason)
          ended.resolve()
        })
      })
    const errors: string[] = []
    const log = { ...silentLogger, error: (event: string) => void errors.push(event), child: () => log }
    const server = await listen(open({ log }), { port: 0, host: '127.0.0.1' })
    const left = new AbortController()
    const asked = fetch(`http://127.0.0.1:${server.port}/dry-run`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(request),
      signal: left.signal,
    })
    await begun.promise
    left.abort()
    await expect(asked).rejects.toThrow()
    await ended.promise
    await setImmediate()
    expect(errors).toEqual([])
    await server.drain(0)
  })

  test('that fails returns a problem', async () => {
    dryRun = () => Promise.reject(new CutroomError('media.impossible', 'The recipe does not fit.'))
    const { body } = await push(open(), '/dry-run').send(request).expect(422)
    expect(body).toMatchObject({ code: 'media.impossible', detail: 'The recipe does not fit.' })
  })
})

describe('a read of a source', () => {
  const body = { user_id: jobId, url: 'https://example.com/a.mp4', start: 2, end: 4 }
  const ask = (request: object) =>
    supertest(open()).post('/read-source').set('Authorization', `Bearer ${secret}`).send(request)

  test('returns the bytes, where they are, and what the host calls them', async () => {
    const reply = await ask(body).expect(206)
    expect(String(reply.body)).toBe('234')
    expect(reply.headers).toMatchObject({
      'content-range': 'bytes 2-4/10',
      'content-type': 'application/octet-stream',
      'x-source-type': 'video/mp4',
    })
  })

  test('without the secret is rejected, and so is one of too many bytes', async () => {
    await supertest(open()).post('/read-source').send(body).expect(401)
    const reply = await ask({ ...body, end: 2 + MAX_BLOCK_BYTES }).expect(422)
    expect(reply.body.errors).toMatchObject([{ path: 'end' }])
  })
})

test('a dead letter is recorded and acknowledged', async () => {
  await push(open(), '/dead-letters').send(envelope).expect(204)
  expect(deadLetters).toEqual([jobId])
})

test('a sweep needs the secret and returns what it did', async () => {
  await supertest(open()).post('/sweep').expect(401)
  const { body } = await push(open(), '/sweep').expect(200)
  expect(body).toMatchObject({ requeued: 1, republished: 2 })
})

test('health needs no secret', async () => {
  for (const path of ['/health/live', '/health/ready']) await supertest(open()).get(path).expect(200)
})

test('metrics need their own token, and do not exist for anyone else', async () => {
  const get = (header: string) => supertest(open()).get('/metrics').set('Authorization', header)
  expect((await get(`Bearer ${metricsToken}`).expect(200)).text).toContain('cutroom_jobs_running')
  for (const header of ['', `Bearer ${secret}`, 'Bearer guess']) await get(header).expect(404)
})

test('a known path with a wrong method gets 405, an unknown path 404', async () => {
  const reply = await supertest(open()).get('/push').expect(405)
  expect(reply.headers.allow).toBe('OPTIONS, POST')
  await supertest(open()).post('/elsewhere').expect(404)
})

test('every reply has security headers', async () => {
  for (const reply of [
    await push(),
    await supertest(open()).get('/health/live'),
    await supertest(open()).get('/x'),
  ]) {
    expect(reply.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
    })
  }
})

test('each route asks for its own role', async () => {
  const asked: string[] = []
  const app = open({
    verifyCaller: async (_, role) => {
      asked.push(role)
      throw new CutroomError('auth.forbidden', 'Not in this test.')
    },
  })
  for (const path of ['/push', '/dead-letters', '/sweep', '/dry-run', '/read-source']) {
    await supertest(app).post(path).send({}).expect(403)
  }
  expect(asked).toEqual(['push', 'push', 'sweep', 'dryRun', 'dryRun'])
})
