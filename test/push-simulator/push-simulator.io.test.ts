import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, test } from '@jest/globals'
import { createGoogleTokens } from '#batch/push/google-tokens.ts'
import { createCallerVerifier } from '#batch/push/verify-caller.ts'
import { silentLogger } from '#shared/observability/logger.ts'
import { createLocalQueue } from '#shared/queue/local.ts'
import type { Queue } from '#shared/queue/port.ts'
import { eventually } from '../e2e/processes.ts'
import { type Answer, openPushEndpoint, type PushEndpoint } from '../push-endpoint.ts'
import type { DeliverySettings } from './delivery.ts'
import { createTokenIssuer } from './oidc.ts'
import { type PushSimulator, startPushSimulator } from './server.ts'

const opened: { close(): Promise<void> | void }[] = []
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close()
})

const quick: Partial<DeliverySettings> = {
  minBackoffMs: 1,
  maxBackoffMs: 4,
  slowStart: false,
  reorder: false,
}

type Setup = { simulator: PushSimulator; endpoint: PushEndpoint; queue: Queue }

/** A queue that publishes through a simulator to an endpoint with scripted replies. */
async function setUp(
  answer: Answer,
  settings: Partial<DeliverySettings> = {},
  token = () => 'secret',
): Promise<Setup> {
  const endpoint = await openPushEndpoint(answer)
  const simulator = await startPushSimulator({
    endpoints: () => [endpoint.url],
    token,
    settings: { ...quick, ...settings },
  })
  const queue = createLocalQueue({ batchUrl: `${simulator.url}/web-1`, secret: 'secret', log: silentLogger })
  opened.push(endpoint, simulator, queue)
  return { simulator, endpoint, queue }
}

describe('the push simulator', () => {
  test('pushes what was published, with the attempt written on it', async () => {
    const { endpoint, queue } = await setUp(({ attempt }) => (attempt < 3 ? 503 : 204))
    const jobId = randomUUID()
    await queue.publish(jobId)
    await endpoint.arrival(jobId, 3)
    const pushes = endpoint.pushesOf(jobId)
    expect(pushes.map(({ envelope }) => envelope.deliveryAttempt)).toEqual([1, 2, 3])
    expect(new Set(pushes.map(({ envelope }) => envelope.message.messageId)).size).toBe(1)
    expect(pushes.every(({ authorization }) => authorization === 'Bearer secret')).toBe(true)
  })

  test('delivers duplicates, two at once', async () => {
    const gate = Promise.withResolvers<number>()
    const { simulator, endpoint, queue } = await setUp(() => gate.promise, { copies: 2 })
    const jobId = randomUUID()
    await queue.publish(jobId)
    await endpoint.arrival(jobId, 2)
    expect(simulator.jobs.tally().maxInFlight).toBe(2)
    gate.resolve(204)
  })

  test('delivers again at the deadline while the first push is open, and ignores the late reply', async () => {
    const gate = Promise.withResolvers<number>()
    const { simulator, endpoint, queue } = await setUp(
      ({ attempt }) => (attempt === 1 ? gate.promise : 204),
      { ackDeadlineMs: 500 },
    )
    const jobId = randomUUID()
    await queue.publish(jobId)
    const first = await endpoint.arrival(jobId, 1)
    await endpoint.arrival(jobId, 2)
    gate.resolve(204)
    await first.closed
    const settled = async () => simulator.jobs.outstanding() === 0 && simulator.jobs.tally().late === 1
    await eventually('the late reply has been counted', 5_000, settled)
    expect(simulator.jobs.tally()).toMatchObject({ pushes: 2, expired: 1, acknowledged: 1 })
  })

  test('dead-letters a message that is never acknowledged, and retries until that is acknowledged', async () => {
    const { simulator, endpoint, queue } = await setUp(
      ({ path, attempt }) => (path === '/push' || attempt < 5 ? 429 : 204),
      { maxDeliveryAttempts: 3 },
    )
    const jobId = randomUUID()
    await queue.publish(jobId)
    await endpoint.arrival(jobId, 5)
    const paths = endpoint.pushesOf(jobId).map(({ path }) => path)
    expect(paths).toEqual(['/push', '/push', '/push', '/dead-letters', '/dead-letters'])
    expect(simulator.jobs.tally()).toMatchObject({ refused: { 429: 3 }, deadLettered: 1 })
  })

  test('has no more pushes in flight than its window, which grows with what is acknowledged', async () => {
    const jobs = [randomUUID(), randomUUID(), randomUUID()]
    const gate = Promise.withResolvers<number>()
    const { simulator, endpoint, queue } = await setUp(
      ({ jobId }) => (jobId === jobs[0] ? gate.promise : 204),
      {
        slowStart: true,
      },
    )
    for (const jobId of jobs) await queue.publish(jobId)
    await endpoint.arrival(jobs[0] as string)
    expect(simulator.jobs.tally()).toMatchObject({ pushes: 1, maxInFlight: 1 })
    gate.resolve(204)
    await Promise.all(jobs.map((jobId) => endpoint.arrival(jobId)))
    expect(simulator.jobs.tally().maxInFlight).toBe(2)
  })

  test('asks its gate, who publishes and what', async () => {
    const { simulator, endpoint, queue } = await setUp(() => 204)
    const jobId = randomUUID()
    const asked: string[] = []
    simulator.setGate((publisher, job) => {
      asked.push(`${publisher} ${job}`)
      return asked.length === 1 ? 'break' : asked.length === 2 ? 'refuse' : 'accept'
    })
    await queue.publish(jobId)
    await endpoint.arrival(jobId)
    expect(asked).toEqual(Array.from({ length: 3 }, () => `web-1 ${jobId}`))
    expect(simulator.jobs.tally().published).toBe(1)
  })

  test('skips an instance that refuses the connection', async () => {
    const gone = await openPushEndpoint()
    await gone.close()
    const endpoint = await openPushEndpoint()
    const simulator = await startPushSimulator({
      endpoints: () => [gone.url, endpoint.url],
      token: () => 'secret',
      settings: quick,
    })
    opened.push(endpoint, simulator)
    for (const jobId of [randomUUID(), randomUUID()]) {
      simulator.jobs.publish({ job_id: jobId })
      await endpoint.arrival(jobId)
    }
    expect(simulator.jobs.tally().refused).toEqual({})
  })
})

describe('the tokens of the simulator', () => {
  const email = 'pusher@example.iam.gserviceaccount.com'
  const audience = 'https://batch.example'
  const issuer = createTokenIssuer({ email, audience })
  const verifyCaller = createCallerVerifier(
    { audience, serviceAccounts: { push: [email], sweep: [], dryRun: [] } },
    createGoogleTokens(async () => issuer.certificates()),
  )
  const verify = (authorization: string | undefined) => verifyCaller({ authorization }, 'push')

  test('are sent with every push, and batch accepts them', async () => {
    const { endpoint, queue } = await setUp(
      () => 204,
      {},
      () => issuer.token(),
    )
    const jobId = randomUUID()
    await queue.publish(jobId)
    const { authorization } = await endpoint.arrival(jobId)
    await expect(verify(authorization)).resolves.toBeUndefined()
  })

  test.each([
    ['another audience', { aud: 'https://elsewhere.example' }, 'auth.required'],
    ['another account', { email: 'mallory@example.com' }, 'auth.forbidden'],
    ['an end that has passed', { iat: 1, exp: 2 }, 'auth.required'],
  ])('are refused with %s', async (_, differences, code) => {
    await expect(verify(`Bearer ${issuer.token(differences)}`)).rejects.toMatchObject({ code })
  })

  test('of another issuer are refused', async () => {
    const other = createTokenIssuer({ email, audience })
    await expect(verify(`Bearer ${other.token()}`)).rejects.toMatchObject({ code: 'auth.required' })
  })
})
