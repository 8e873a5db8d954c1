import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import supertest from 'supertest'
import type { DryRunRequest, DryRunResult } from '#shared/contract/dry-run.ts'
import { encodePushEnvelope } from '#shared/contract/job-message.ts'
import { CutroomError } from '#shared/errors.ts'
import { silentLogger } from '#shared/observability/logger.ts'
import { createBatchApp } from './app.ts'
import { createJobSlots } from './jobs/job-slots.ts'
import type { PushOutcome } from './push/reply.ts'
import { createPushVerifier } from './push/verify-push.ts'

const secret = 'a-secret-of-the-test'
const jobId = '11111111-1111-4111-8111-111111111111'
const envelope = encodePushEnvelope(
  { job_id: jobId },
  { messageId: '1', publishedAt: new Date(0), subscription: 'test', attempt: 1 },
)

const aPlan: DryRunResult = {
  sources: [],
  problem: null,
  outputs: [],
  bytes_to_read: 0,
  estimated_seconds: 1,
  limit_seconds: 480,
  fits: true,
}

let stopping: AbortController
let processed: string[]
let outcome: () => Promise<PushOutcome>
let dead: string[]
let rungNext: number
let notified: number
let asked: DryRunRequest[]
let plan: () => Promise<DryRunResult>
beforeEach(() => {
  stopping = new AbortController()
  processed = []
  dead = []
  rungNext = 0
  notified = 0
  asked = []
  plan = async () => aPlan
  outcome = async () => 'done'
})
afterEach(() => stopping.abort())

const open = () =>
  createBatchApp({
    log: silentLogger,
    project: '',
    verify: createPushVerifier({ secret, serviceAccounts: [] }, () => Promise.reject(new Error('not used'))),
    slots: createJobSlots(1),
    process: (id) => {
      processed.push(id)
      return outcome()
    },
    republishWaiting: async () => {
      rungNext += 1
    },
    notifySome: async () => {
      notified += 1
    },
    sweep: async () => ({
      notified: 0,
      requeued: 1,
      failed: 0,
      rung: 2,
      unheard: 0,
      outputs: 0,
      uploads: 0,
      keys: 0,
      litter: 0,
      partials: 0,
    }),
    recordDeadLetter: async (id) => {
      dead.push(id)
      return 'waiting'
    },
    dryRun: async (request) => {
      asked.push(request)
      return plan()
    },
    check: async () => {},
    stopping: stopping.signal,
  })

const push = (app = open(), path = '/push') =>
  supertest(app).post(path).set('Authorization', `Bearer ${secret}`).type('application/json')

describe('a push', () => {
  test('is worked on, and then acknowledged with 204', async () => {
    await push().send(envelope).expect(204)
    expect(processed).toEqual([jobId])
  })

  test('without the secret reaches nothing', async () => {
    await supertest(open()).post('/push').send(envelope).expect(401)
    await push().set('Authorization', 'Bearer guess').send(envelope).expect(401)
    expect(processed).toEqual([])
  })

  test('may show the secret in the query, as the emulator must', async () => {
    await supertest(open())
      .post(`/push?token=${encodeURIComponent(secret)}`)
      .send(envelope)
      .expect(204)
  })

  test('that nobody can read is acknowledged, since it never gets better', async () => {
    await push().send('{"message":').expect(204)
    await push()
      .send({ message: { data: 'bm90IGpzb24=', messageId: '1' }, subscription: 's' })
      .expect(204)
    expect(processed).toEqual([])
  })

  test('beyond the places is answered 429 and not worked on', async () => {
    let release = () => {}
    outcome = () => new Promise((resolve) => (release = () => resolve('done')))
    const app = open()
    const first = push(app)
      .send(envelope)
      .then((response) => response.status)
    while (processed.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await push(app).send(envelope).expect(429)
    release()
    expect(await first).toBe(204)
    expect(processed).toHaveLength(1)
  })

  test('finds a worker that lately had no room at rest, so that others get the jobs', async () => {
    outcome = async () => 'no_free_space'
    const app = open()
    await push(app).send(envelope).expect(503)
    await push(app).send(envelope).expect(429)
    expect(processed).toHaveLength(1)
  })

  test.each(['retry', 'stopping'] as const)('that ended with %s is to come again', async (end) => {
    outcome = async () => end
    await push().send(envelope).expect(503)
  })

  test('whose end could not be recorded is to come again', async () => {
    outcome = () => Promise.reject(new Error('the database is away'))
    await push().send(envelope).expect(500)
  })

  test.each<[PushOutcome, number]>([
    ['done', 1],
    ['failed', 1],
    ['finished', 1],
    ['retry', 0],
    ['duplicate', 0],
    ['stopping', 0],
  ])('whose job is %s has owners told %d times', async (what, times) => {
    outcome = async () => what
    await push().send(envelope)
    expect(notified).toBe(times)
  })

  test('makes known, once its place is free, that there may be more to do', async () => {
    await push().send(envelope).expect(204)
    expect(rungNext).toBe(1)
  })

  test('is not taken up any more while shutting down', async () => {
    stopping.abort()
    await push().send(envelope).expect(503)
    expect(processed).toEqual([])
  })
})

describe('a call for a plan', () => {
  const recipe = { sources: [{ url: 'https://example.com/a.mp4' }] }
  const request = { user_id: jobId, recipe }

  test('is answered with the plan, by whoever shows the secret', async () => {
    const { body } = await push(open(), '/dry-run').send(request).expect(200)
    expect(body).toEqual(aPlan)
    expect(asked).toMatchObject([request])
  })

  test('without the secret reaches nothing', async () => {
    await supertest(open()).post('/dry-run').send(request).expect(401)
    expect(asked).toEqual([])
  })

  test('with a wrong recipe is refused, each field named', async () => {
    const { body } = await push(open(), '/dry-run')
      .send({ user_id: 'ada', recipe: { sources: [] } })
      .expect(422)
    expect(body.errors.map(({ path }: { path: string }) => path)).toEqual(['user_id', 'recipe.sources'])
  })

  test('that fails is answered with a problem', async () => {
    plan = () => Promise.reject(new CutroomError('media.impossible', 'The recipe does not fit.'))
    const { body } = await push(open(), '/dry-run').send(request).expect(422)
    expect(body).toMatchObject({ code: 'media.impossible', detail: 'The recipe does not fit.' })
  })
})

test('a dead letter is recorded and acknowledged', async () => {
  await push(open(), '/dead-letters').send(envelope).expect(204)
  expect(dead).toEqual([jobId])
})

test('a sweep says what it did, to those who may ask for one', async () => {
  await supertest(open()).post('/sweep').expect(401)
  const { body } = await push(open(), '/sweep').expect(200)
  expect(body).toMatchObject({ requeued: 1, rung: 2 })
})

test('health and figures need no secret', async () => {
  for (const path of ['/health/live', '/health/ready', '/metrics'])
    await supertest(open()).get(path).expect(200)
})
