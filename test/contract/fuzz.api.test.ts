import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { buildOpenApi } from '#shared/contract/openapi.ts'
import { type Operation, operations } from '#shared/contract/operations.ts'
import { heldMegabytes } from '#shared/storage/testing/contract-kit.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'
import { type KnownIds, requestsOf, type WireRequest } from './arbitrary.ts'
import { send, type WireReply } from './send.ts'

/**
 * Any request to any operation: no 5xx, an answer within a second, a documented status, and no memory that stays. The same
 * requests in every run: `npm run test:hostile -- fuzz` sends others and more (FUZZ_SEED, FUZZ_RUNS).
 */
const SEED = Number(process.env.FUZZ_SEED ?? 12)
const RUNS = Number(process.env.FUZZ_RUNS ?? 20)
/** A body has more to vary than a path. */
const BODY_FACTOR = 3
const MAX_MS = 1_000
const MAX_GROWTH_MEGABYTES = 50
/** For statuses that any request can get: not HTTP, wrong method or too large headers, an unknown path after decoding. */
const ALWAYS = [400, 404, 405, 417, 431]

let batch: Server
let web: TestWeb
let owner: TestUser
let stranger: TestUser
let known: KnownIds
const documented = buildOpenApi('http://cutroom.test', '0').paths ?? {}

beforeAll(async () => {
  batch = createServer((_, reply) => reply.setHeader('Content-Type', 'application/json').end(DRY_RUN))
  batch.listen(0, '127.0.0.1')
  await once(batch, 'listening')
  const { port } = batch.address() as AddressInfo
  web = await openTestWeb({
    env: { BATCH_URL: `http://127.0.0.1:${port}`, MAIL_FROM: 'cutroom@example.com' },
  })
}, 60_000)
afterAll(async () => {
  await web.close()
  batch.closeAllConnections()
  batch.close()
})

const DRY_RUN = JSON.stringify({
  sources: [],
  problem: null,
  outputs: [],
  bytes_to_read: 0,
  chunks: 1,
  cpu_seconds: 1,
  seconds_on_workers: [],
  estimated_seconds: 1,
  limit_seconds: null,
  fits: true,
  // And of inspections.
  duration: 1,
  covered_seconds: 1,
  complete: true,
  peaks_per_second: 50,
  peaks: [0],
  times: [0],
})

/** A finished task, a failed one, a queued one and an upload, so that requests find something. */
async function createObjects(): Promise<KnownIds> {
  const finished = await web.createTask(owner)
  await web.finish(finished.id, { 'a.mp4': 'bytes' })
  const failed = await web.createTask(owner)
  const problem = { code: 'media.failed', message: 'It broke.' } as const
  await web.jobs.fail(await web.claim(failed.id), problem, { usedUp: true })
  const { id } = await web.createTask(owner)
  const as = { Authorization: web.bearer(owner) }
  const { body } = await web.agent.get('/tasks?max=1').set(as)
  const uploadId = await web.createUpload(owner)
  const key = await web.agent
    .post('/auth/keys')
    .set(as)
    .send({ name: 'a key', scopes: ['tasks:read'] })
  const { email, password } = owner
  await web.agent.post('/auth/login').send({ email, password })
  const { sessions } = (await web.agent.get('/auth/sessions').set(as)).body
  return {
    id: [
      finished.id,
      failed.id,
      id,
      uploadId,
      key.body.id,
      ...sessions.map((session: { id: string }) => session.id),
    ],
    name: ['a.mp4'],
    upload_id: [uploadId],
    page: [body.next_page],
    key: ['uploads/a/b'],
    email: [email],
    password: [password],
    current_password: [password],
  }
}

const tokenOf = ({ caller }: WireRequest): string | undefined =>
  ({ owner: owner.token, stranger: stranger.token, nobody: undefined, forger: `${owner.token}x` })[caller]

const statusesOf = (operation: Operation): number[] => [
  ...ALWAYS,
  ...Object.keys(documented[operation.path.replace('{+', '{')]?.[operation.method]?.responses ?? {}).map(
    Number,
  ),
]

/** Megabytes of the heap and of buffers that are still referenced. */
const held = () => heldMegabytes() + process.memoryUsage().heapUsed / 1e6

/** Deleting an account or ending a session would end all that follows: each operation gets users of its own. */
beforeEach(async () => {
  owner = await web.signUp()
  stranger = await web.signUp()
  known = await createObjects()
}, 60_000)

let before: number | undefined
test.each(Object.values<Operation>(operations).map((operation) => [operation.id, operation] as const))(
  '%s answers any request in time, and never with a 5xx',
  async (_, operation) => {
    before ??= held()
    const statuses = new Map<number, number>()
    await fc.assert(
      fc.asyncProperty(requestsOf(operation, known), async (request) => {
        const reply = await sendUntilQuick(operation, request)
        statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1)
        if (reply.status >= 500) throw new Error(`${reply.status}: ${reply.text}`)
        expect(statusesOf(operation)).toContain(reply.status)
        expect(reply.ms).toBeLessThan(MAX_MS)
        expect(reply.text).not.toMatch(INTERNALS)
      }),
      { seed: SEED, numRuns: RUNS * (operation.body ? BODY_FACTOR : 1) },
    )
    expect(web.log.takeErrors()).toEqual([])
    if (process.env.FUZZ_SEED) process.stderr.write(`${operation.id}: ${summary(statuses)}\n`)
    // Otherwise nothing but validation would have been reached.
    if (REACHED.has(operation.id)) expect(Math.min(...statuses.keys())).toBeLessThan(300)
  },
  600_000,
)

/** A machine may be busy for a second; a request that is slow by itself is so each time. */
async function sendUntilQuick(operation: Operation, request: WireRequest): Promise<WireReply> {
  let reply = await send(web.url, operation, request, tokenOf(request))
  for (let attempt = 1; attempt < 3 && reply.ms > MAX_MS; attempt++) {
    reply = await send(web.url, operation, request, tokenOf(request))
  }
  return reply
}

/** Operations that need no one-time token: at least one request must have succeeded. */
const REACHED = new Set<string>([
  ...['login', 'me', 'replaceWebhookSecret', 'createKey', 'listSessions', 'createUpload', 'presets', 'ready'],
  ...['createTask', 'listTasks', 'getTask', 'deleteTask', 'retryTask', 'taskEvents', 'getOutput'],
])
/** Stacks, statements, system errors and paths. */
const INTERNALS = /node_modules|\bat .*\.ts:\d+|SELECT .* FROM|ECONNREFUSED|\/tmp\//

const summary = (statuses: Map<number, number>) =>
  [...statuses]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${status} ×${count}`)
    .join(', ')

test('no memory stays', () => {
  expect(held() - (before ?? 0)).toBeLessThan(MAX_GROWTH_MEGABYTES)
})

test('no prototype has been polluted', () => {
  for (const name of ['polluted', 'x', 'user_id'])
    expect(({} as Record<string, unknown>)[name]).toBeUndefined()
})
