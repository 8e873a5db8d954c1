import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type Operation, operations } from '#shared/contract/operations.ts'
import { decodeCursor, encodeCursor } from '#shared/tasks/cursor.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'
import { type Reference, referencesOf } from './references.ts'
import { requestWith, urlOf } from './request.ts'

/**
 * Every operation × every identifier in its request, of another user: the reply must be that to an identifier that does not
 * exist. Operations and identifiers come from the contract, so that a new one is tested without anyone thinking of it; a new
 * kind of identifier fails here until KINDS says how to create one.
 */

let web: TestWeb
let ada: TestUser
let eve: TestUser
beforeAll(async () => {
  web = await openTestWeb()
  ada = await web.signUp('ada')
  eve = await web.signUp('eve')
}, 60_000)
afterAll(() => web.close())

/** An object of a user: its identifier, one of the same form that does not exist, and what else its path needs. */
type Owned = { known: string; unknown: string; fillers?: Record<string, string> }
type Kind = {
  create(owner: TestUser): Promise<Owned>
  /** The owner's own reply does not show whether the object was found. */
  isSilent?: true
}

const task: Kind = {
  async create(owner) {
    const { id } = await web.createTask(owner)
    await web.finish(id, { 'a.mp4': 'bytes' })
    return { known: id, unknown: randomUUID(), fillers: { name: 'a.mp4', index: '0' } }
  },
}
const upload: Kind = {
  async create(owner) {
    return { known: await web.createUpload(owner, PNG), unknown: randomUUID() }
  },
}

async function createWebhook(owner: TestUser): Promise<Owned> {
  await web.database.query('DELETE FROM webhook_endpoints WHERE user_id = $1', [owner.id])
  const { body } = await web.agent
    .post('/webhooks')
    .set('Authorization', web.bearer(owner))
    .send({ url: 'https://example.com/hook' })
    .expect(201)
  return { known: body.id, unknown: randomUUID() }
}

async function createDelivery(owner: TestUser, webhookId: string): Promise<string> {
  const reply = await web.agent.post(`/webhooks/${webhookId}/test`).set('Authorization', web.bearer(owner))
  return reply.body.id
}

const KINDS: Record<string, Kind> = {
  'tasks.id': task,
  // A filter of events: of a task that is not the caller's there are none.
  task_id: { ...task, isSilent: true },
  // Each id has its own result, in a reply that is always 200.
  ids: { ...task, isSilent: true },
  upload_id: upload,
  'uploads.id': upload,
  'webhooks.id': {
    async create(owner) {
      const webhook = await createWebhook(owner)
      return { ...webhook, fillers: { delivery_id: await createDelivery(owner, webhook.known) } }
    },
  },
  'webhooks.deliveries.delivery_id': {
    async create(owner) {
      const { known: id } = await createWebhook(owner)
      return { known: await createDelivery(owner, id), unknown: randomUUID(), fillers: { id } }
    },
  },
  'auth.keys.id': {
    async create(owner) {
      const body = { name: 'a key', scopes: ['tasks:read'] }
      const reply = await web.agent
        .post('/auth/keys')
        .set('Authorization', web.bearer(owner))
        .send(body)
        .expect(201)
      return { known: reply.body.id, unknown: randomUUID() }
    },
  },
  'auth.sessions.id': {
    async create({ email, password }) {
      const { body } = await web.agent.post('/auth/login').send({ email, password }).expect(200)
      const token = { Authorization: `Bearer ${body.token}` }
      const reply = await web.agent.get('/auth/sessions').set(token).expect(200)
      const session = reply.body.sessions.find(({ current }: { current: boolean }) => current)
      return { known: session.id, unknown: randomUUID() }
    },
  },
  page: {
    async create(owner) {
      for (let i = 0; i < 2; i++) await web.createTask(owner)
      const { body } = await web.agent.get('/tasks?max=1').set('Authorization', web.bearer(owner)).expect(200)
      const unknown = encodeCursor({ ...decodeCursor(body.next_page), id: randomUUID() })
      return { known: body.next_page, unknown }
    },
    // A page says where to continue in the caller's own list.
    isSilent: true,
  },
  'idempotency-key': {
    async create(owner) {
      const known = randomUUID()
      for (const path of ['/tasks', '/uploads']) {
        const body = path === '/tasks' ? { url: 'https://example.com/ada.mp4' } : { filename: 'ada.mp4' }
        const headers = { Authorization: web.bearer(owner), 'Idempotency-Key': `${known}` }
        await web.agent.post(path).set(headers).send(body)
      }
      return { known, unknown: randomUUID() }
    },
    isSilent: true,
  },
  'shared.id': {
    ...task,
    // Without the signature of the link, nobody finds it.
    isSilent: true,
  },
  // Without the signature of the link, nobody finds it.
  'previews.id': { ...upload, isSilent: true },
  'previews.sources.id': {
    async create(owner) {
      const reply = await web.agent
        .post('/sources/links')
        .set('Authorization', web.bearer(owner))
        .send({ url: 'https://example.com/ada.mp4' })
        .expect(201)
      return { known: new URL(reply.body.url).pathname.split('/').at(-1) ?? '', unknown: randomUUID() }
    },
    // Without the signature of the link, nobody finds it.
    isSilent: true,
  },
  'uploads.content.key': {
    async create(owner) {
      const { body } = await web.agent
        .post('/uploads')
        .set('Authorization', web.bearer(owner))
        .send({})
        .expect(201)
      const known = new URL(body.url).pathname.replace('/uploads/content/', '')
      return { known: decodeURIComponent(known), unknown: `uploads/${randomUUID()}/${randomUUID()}` }
    },
    // Without the signature of the link, nobody finds it.
    isSilent: true,
  },
}
/** Parameters that are no identifiers here: names within the object before them, and credentials of other services. */
const NAMES = new Set([
  ...['tasks.outputs.name', 'shared.name', 'tasks.sources.index'],
  ...['access_key_id', 'secret_access_key'],
])

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

const cases = Object.values<Operation>(operations).flatMap((operation) =>
  referencesOf(operation)
    .filter(({ kind }) => !NAMES.has(kind))
    .map((reference) => ({ operation, reference, at: `${reference.part} ${reference.path.join('.')}` })),
)

/** The parts of a reply that a caller can compare, without the identifiers and times in it. */
async function ask(
  user: TestUser,
  { operation, reference }: (typeof cases)[number],
  id: string,
  owned: Owned,
) {
  const request = requestWith(operation, reference, id, owned.fillers ?? {})
  const reply = await fetch(web.url + urlOf(operation, request), {
    method: operation.method,
    headers: {
      ...request.headers,
      ...(operation.access === 'user' && { Authorization: web.bearer(user) }),
      ...(operation.body && { 'Content-Type': 'application/json' }),
    },
    ...(operation.body && { body: JSON.stringify(request.body ?? {}) }),
  })
  const body = (await reply.text())
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<id>')
    .replaceAll(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, '<time>')
    .replaceAll(/(expires|signature)=[\w-]+/g, '$1')
  return { status: reply.status, type: reply.headers.get('content-type'), body }
}

test('the contract has identifiers, and there is a way to create each kind of them', () => {
  expect(cases.length).toBeGreaterThan(15)
  const unknown = cases.filter(({ reference }) => !(reference.kind in KINDS))
  expect(unknown.map(({ operation, at, reference }) => `${operation.id}: ${at} (${reference.kind})`)).toEqual(
    [],
  )
})

describe('an identifier of another user gets the reply of one that does not exist', () => {
  test.each(cases)('$operation.id: $at', async (one) => {
    const kind = KINDS[(one.reference as Reference).kind]
    if (!kind) throw new Error(`KINDS does not say how to create ${one.reference.kind}.`)
    const owned = await kind.create(ada)
    const foreign = await ask(eve, one, owned.known, owned)
    const unknown = await ask(eve, one, owned.unknown, owned)
    expect(foreign).toEqual(unknown)
    // Otherwise the request would be wrong, and prove nothing.
    if (!kind.isSilent) expect((await ask(ada, one, owned.known, owned)).status).not.toBe(unknown.status)
  })
})
