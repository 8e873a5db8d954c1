import { createHash, randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { MAX_KEYS } from '#shared/accounts/api-key-repository.ts'
import { endAccess } from '#shared/accounts/end-sessions.ts'
import { operations } from '#shared/contract/operations.ts'
import { expectFieldErrors, expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { createKey, listKeys, revokeKey, me, listTasks, createTask, createUpload, logout, audit } = operations

let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  web = await openTestWeb()
})
beforeEach(async () => {
  ada = await web.signUp()
})
afterEach(() => {
  jest.restoreAllMocks()
  expect(web.log.takeErrors()).toEqual([])
})
afterAll(() => web.close())

const as = (token = ada.token) => ({ Authorization: `Bearer ${token}` })
const send = (body: object, by = ada.token) => web.agent.post('/auth/keys').set(as(by)).send(body)
const create = async (scopes: string[], options: object = {}, by = ada.token) =>
  expectReply(createKey, await send({ name: 'a program', scopes, ...options }, by), 201)
const list = async (by = ada.token) =>
  expectReply(listKeys, await web.agent.get('/auth/keys').set(as(by)), 200).keys
const revoke = (id: string, by = ada.token) => web.agent.delete(`/auth/keys/${id}`).set(as(by))

/** Lets time pass for the cache of verified keys, not for the database. */
function advance(ms: number) {
  const now = Date.now.bind(Date)
  jest.spyOn(Date, 'now').mockImplementation(() => now() + ms)
}

describe('an API key', () => {
  test('is random, is shown once, and only its hash is stored', async () => {
    const { key, ...shown } = await create(['tasks:read'])
    expect(key).toMatch(/^ck_[\w-]{43}$/)
    expect(shown).toMatchObject({
      name: 'a program',
      scopes: ['tasks:read'],
      last_used_at: null,
      expires_at: null,
    })
    expect(key.startsWith(shown.prefix)).toBe(true)
    expect(await list()).toEqual([shown])
    const [row] = await web.database.query<{ key_hash: Buffer }>('SELECT * FROM api_keys WHERE id = $1', [
      shown.id,
    ])
    expect(row?.key_hash).toEqual(createHash('sha256').update(key).digest())
    expect(JSON.stringify(row)).not.toContain(key.slice(shown.prefix.length))
  })

  test('cannot be created with a token or key that has just ended, although it is still cached', async () => {
    const { id, key } = await create(['account'])
    await list(key)
    const endpoint = { url: 'https://example.com/hook', types: ['task.created'] }
    const existing = await web.agent.post('/webhooks').set(as()).send(endpoint)
    const path = `/webhooks/${expectReply(operations.createWebhook, existing, 201).id}`
    await revoke(id)
    expectProblem(createKey, await send({ name: 'late', scopes: ['account'] }, key), 'auth.required')
    await web.database.transaction((query) => endAccess(query, ada.id))
    expectProblem(createKey, await send({ name: 'late', scopes: ['account'] }), 'auth.required')
    const webhook = await web.agent.post('/webhooks').set(as()).send(endpoint)
    expectProblem(operations.createWebhook, webhook, 'auth.required')
    const replaced = await web.agent.put(path).set(as()).send(endpoint)
    expectProblem(operations.replaceWebhook, replaced, 'auth.required')
    const rotated = await web.agent.post(`${path}/secret`).set(as()).send({})
    expectProblem(operations.rotateWebhookSecret, rotated, 'auth.required')
    expect(await web.database.query('SELECT FROM api_keys WHERE user_id = $1', [ada.id])).toEqual([])
  })

  test('does what its scopes allow, as a token would', async () => {
    const { key } = await create(['tasks:read', 'tasks:write'])
    const body = { url: 'https://example.com/a.mp4' }
    const { id } = expectReply(createTask, await web.agent.post('/tasks').set(as(key)).send(body), 202)
    const { tasks } = expectReply(listTasks, await web.agent.get('/tasks').set(as(key)), 200)
    expect(tasks.map((task) => task.id)).toEqual([id])
    expectReply(createUpload, await web.agent.post('/uploads').set(as(key)).send({}), 201)
    const form = web.agent.post('/tasks').set(as(key)).attach('file', Buffer.from('x'), 'a.mp4')
    expectReply(createTask, await form, 202)
  })

  test('is refused within five seconds after it was revoked', async () => {
    const { id, key } = await create(['account'])
    expectReply(me, await web.agent.get('/auth/me').set(as(key)), 200)
    expectReply(revokeKey, await revoke(id), 204)
    advance(5_000)
    expectProblem(me, await web.agent.get('/auth/me').set(as(key)), 'auth.required')
    expectProblem(revokeKey, await revoke(id), 'key.not_found')
  })

  test('is refused once it has expired, and is listed no longer', async () => {
    const { key, expires_at } = await create(['account'], { expires_in: 3600 })
    const seconds = (Date.parse(expires_at ?? '') - Date.now()) / 1000
    expect(Math.round(seconds / 10)).toBe(360)
    await web.database.query("UPDATE api_keys SET expires_at = now() - interval '1 ms' WHERE user_id = $1", [
      ada.id,
    ])
    expectProblem(me, await web.agent.get('/auth/me').set(as(key)), 'auth.required')
    expect(await list()).toEqual([])
  })

  test('shows when it was last used', async () => {
    const { key } = await create(['account'])
    const [used] = await list(key)
    expect(Date.now() - Date.parse(used?.last_used_at ?? '')).toBeLessThan(30_000)
  })

  test('is refused with its account', async () => {
    const { key } = await create(['account'])
    await web.database.query('DELETE FROM users WHERE id = $1', [ada.id])
    expectProblem(me, await web.agent.get('/auth/me').set(as(key)), 'auth.required')
  })

  test('that was never issued is refused', async () => {
    const { key } = await create(['account'])
    for (const forged of [
      'ck_',
      `ck_${'A'.repeat(43)}`,
      `${key}A`,
      key.slice(0, -1),
      key.replace('ck_', 'ck-'),
    ]) {
      const reply = await web.agent.get('/auth/me').set(as(forged))
      expectProblem(me, reply, 'auth.required')
      expect(reply.headers['www-authenticate']).toBe('Bearer error="invalid_token"')
    }
  })

  test('of another user cannot be seen or revoked', async () => {
    const { id } = await create(['account'])
    const bob = await web.signUp()
    expect(await list(bob.token)).toEqual([])
    const foreign = expectProblem(revokeKey, await revoke(id, bob.token), 'key.not_found')
    const malformed = expectProblem(revokeKey, await revoke('x', bob.token), 'key.not_found')
    const unknown = expectProblem(revokeKey, await revoke(randomUUID(), bob.token), 'key.not_found')
    for (const other of [malformed, unknown])
      expect({ ...other, request_id: '' }).toEqual({ ...foreign, request_id: '' })
    expect(await list()).toHaveLength(1)
  })

  test('has no session to log out of', async () => {
    const { key } = await create(['account'])
    expectProblem(logout, await web.agent.post('/auth/logout').set(as(key)), 'auth.session_required')
  })
})

describe('creating a key', () => {
  test('needs a name and scopes that exist', async () => {
    const wrong: [object, string[]][] = [
      [{}, ['name', 'scopes']],
      [{ name: ' ', scopes: [] }, ['name', 'scopes']],
      [{ name: 'x', scopes: ['admin'] }, ['scopes.0']],
      [{ name: 'x', scopes: ['account', 'account'] }, ['scopes']],
      [{ name: 'x', scopes: ['account'], expires_in: 0 }, ['expires_in']],
      [{ name: 'x', scopes: ['account'], key: 'ck_chosen' }, ['key']],
    ]
    for (const [body, paths] of wrong) expectFieldErrors(createKey, await send(body), paths)
  })

  test('is limited to a number of keys for each account, also when several are created at once', async () => {
    await web.database.query(
      `INSERT INTO api_keys (user_id, name, prefix, key_hash, scopes)
       SELECT $1::uuid, 'n', 'ck_', sha256(($1::text || n)::bytea), '{account}' FROM generate_series(1, $2::int) AS n`,
      [ada.id, MAX_KEYS - 1],
    )
    const replies = await Promise.all(
      Array.from({ length: 4 }, () => send({ name: 'x', scopes: ['account'] })),
    )
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409])
    for (const reply of replies.filter(({ status }) => status === 409)) {
      expectProblem(createKey, reply, 'key.too_many')
    }
    const bob = await web.signUp()
    await create(['account'], {}, bob.token)
  })

  test('with a key is limited to its own scopes and lifetime', async () => {
    const { key, expires_at } = await create(['account', 'tasks:read'], { expires_in: 3600 })
    const refused = await send({ name: 'more', scopes: ['tasks:write'] }, key)
    expectProblem(createKey, refused, 'auth.scope_missing')
    for (const options of [{}, { expires_in: 86_400 }]) {
      const { expires_at: inherited } = await create(['tasks:read'], options, key)
      expect(inherited).toBe(expires_at)
    }
    const { expires_at: shorter } = await create(['account'], { expires_in: 60 }, key)
    expect(Date.parse(shorter ?? '')).toBeLessThan(Date.parse(expires_at ?? ''))
  })

  test('and revoking it are recorded, with the session or key that did it, and without the key', async () => {
    const first = await create(['account'])
    const { id, key, prefix } = await create(['account'], {}, first.key)
    await revoke(id).expect(204)
    const { events } = expectReply(audit, await web.agent.get('/auth/audit').set(as()), 200)
    const [revoked, created] = events
    const details = { key_id: id, name: 'a program', prefix, scopes: ['account'] }
    expect(created).toMatchObject({ action: 'key.created', key_id: first.id, session_id: null, details })
    expect(revoked).toMatchObject({
      action: 'key.revoked',
      key_id: null,
      session_id: expect.any(String),
      details,
    })
    expect(JSON.stringify(events)).not.toContain(key)
  })
})
