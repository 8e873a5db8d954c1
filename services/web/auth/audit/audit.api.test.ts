import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { AuditEvent } from '#shared/contract/accounts/audit.ts'
import { operations } from '#shared/contract/operations.ts'
import { eventually } from '#test/e2e/processes.ts'
import { expectFieldErrors, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { audit } = operations

let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  web = await openTestWeb()
})
beforeEach(async () => {
  ada = await web.signUp()
})
afterEach(() => expect(web.log.takeErrors()).toEqual([]))
afterAll(() => web.close())

const as = (token = ada.token) => ({ Authorization: `Bearer ${token}`, 'User-Agent': 'a test' })
const page = async (query = '', user = ada) =>
  expectReply(audit, await web.agent.get(`/auth/audit${query}`).set(as(user.token)), 200)
const events = async () => (await page()).events
const newest = async (): Promise<Partial<AuditEvent>> => (await events())[0] ?? {}
const sidOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).sid

test('a new account has the record of its creation and its login', async () => {
  const { events } = await page()
  expect(events.map(({ action }) => action)).toEqual(['login', 'account.created'])
  expect(events[0]).toMatchObject({
    address: '127.0.0.1',
    session_id: sidOf(ada.token),
    key_id: null,
    details: {},
  })
})

test('failed logins are recorded with where they came from, those within a minute as one', async () => {
  const fail = () =>
    web.agent
      .post('/auth/login')
      .set('User-Agent', 'a thief')
      .send({ email: ada.email.toUpperCase(), password: 'wrong' })
  for (let i = 0; i < 3; i++) {
    await fail()
    // Recorded after the reply, so that the reply takes as long without an account.
    await eventually(
      'the failure to be recorded',
      5_000,
      async () => (await newest()).details?.count === i + 1,
    )
  }
  expect(await newest()).toMatchObject({ action: 'login.failed', user_agent: 'a thief', session_id: null })
  expect((await events()).filter(({ action }) => action === 'login.failed')).toHaveLength(1)
})

test('a failed login to an unknown account is recorded nowhere', async () => {
  const count = async () => (await web.database.query('SELECT id FROM audit_events')).length
  const before = await count()
  await web.agent.post('/auth/login').send({ email: 'nobody@example.com', password: 'wrong' }).expect(401)
  expect(await count()).toBe(before)
})

test('a replaced webhook secret is recorded, without the secret', async () => {
  const { body } = await web.agent.post('/auth/webhook-secret').set(as()).expect(200)
  expect(await newest()).toMatchObject({ action: 'webhook_secret.replaced', user_agent: 'a test' })
  const [row] = await web.database.query('SELECT audit_events::text FROM audit_events WHERE user_id = $1', [
    ada.id,
  ])
  expect(JSON.stringify(row)).not.toContain(body.secret)
})

test('a deleted task is recorded with its id, an aborted one is not', async () => {
  const { id } = await web.createTask(ada)
  await web.agent.delete(`/tasks/${id}`).set(as()).expect(200)
  expect(await newest()).toMatchObject({ action: 'login' })
  await web.agent.delete(`/tasks/${id}`).set(as()).expect(204)
  expect(await newest()).toMatchObject({ action: 'task.deleted', details: { task_id: id } })
})

test('logouts and ended sessions are recorded with the session that did it', async () => {
  const other = async () => {
    const { email, password } = ada
    return (await web.agent.post('/auth/login').send({ email, password }).expect(200)).body.token as string
  }
  const first = await other()
  await web.agent
    .delete(`/auth/sessions/${sidOf(first)}`)
    .set(as())
    .expect(204)
  expect(await newest()).toMatchObject({
    action: 'session.ended',
    session_id: sidOf(ada.token),
    details: { session_id: sidOf(first) },
  })
  await web.agent
    .post('/auth/logout')
    .set(as(await other()))
    .expect(204)
  expect(await newest()).toMatchObject({ action: 'logout' })
  await other()
  await web.agent.delete('/auth/sessions').set(as()).expect(200)
  expect(await newest()).toMatchObject({ action: 'session.ended', details: { count: 1 } })
})

test('a reused refresh token is recorded', async () => {
  const { email, password } = ada
  const { body } = await web.agent.post('/auth/login').send({ email, password, refresh: true }).expect(200)
  const refresh = (refresh_token: string) => web.agent.post('/auth/refresh').send({ refresh_token })
  const second = await refresh(body.refresh_token).expect(200)
  await refresh(second.body.refresh_token).expect(200)
  await refresh(body.refresh_token).expect(401)
  expect(await newest()).toMatchObject({ action: 'session.reused', session_id: sidOf(body.token) })
})

test('events are returned in pages, the newest first, and to their own user only', async () => {
  for (let i = 0; i < 4; i++) await web.agent.post('/auth/webhook-secret').set(as()).expect(200)
  const all = await events()
  expect(all).toHaveLength(6)
  const seen: AuditEvent[] = []
  let query = '?max=4'
  for (let pages = 0; pages < 5 && query !== ''; pages++) {
    const { events: some, next_page } = await page(query)
    seen.push(...some)
    query = next_page ? `?max=4&page=${next_page}` : ''
  }
  expect(seen).toEqual(all)
  const bob = await web.signUp()
  expect((await page('', bob)).events).toHaveLength(2)
  for (const wrong of ['max=0', 'max=101', 'page=x']) {
    const reply = await web.agent.get(`/auth/audit?${wrong}`).set(as())
    expectFieldErrors(audit, reply, [wrong.split('=')[0] ?? ''])
  }
})
