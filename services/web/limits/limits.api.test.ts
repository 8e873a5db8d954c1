import { once } from 'node:events'
import { request } from 'node:http'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { signup, createTask, listTasks, createKey, refresh } = operations
const env = {
  TRUST_PROXY: '1',
  SIGNUPS_PER_HOUR: '3',
  TASKS_PER_SECOND: '1',
  ACCOUNT_CHANGES_PER_MINUTE: '3',
}

/** Two instances on one database. */
let web: TestWeb
let second: TestWeb
beforeAll(async () => {
  web = await openTestWeb({ env })
  second = await openTestWeb({ env, deps: { database: web.database } })
})
afterAll(async () => {
  expect([...web.log.takeErrors(), ...second.log.takeErrors()]).toEqual([])
  await second.close()
  await web.close()
})

let count = 0
const signUp = (at: TestWeb, address: string) => {
  const name = `limited-${++count}`
  const account = { username: name, email: `${name}@example.com`, password: 'correct horse' }
  return at.agent
    .post('/auth/signup')
    .set('X-Forwarded-For', address)
    .send({ ...account, password_2: account.password })
}

describe('sign-ups from one address', () => {
  test('are limited over all instances, and say so beforehand', async () => {
    const replies = []
    for (const at of [web, second, web, second, web]) replies.push(await signUp(at, '192.0.2.1'))
    expect(replies.map(({ status }) => status)).toEqual([201, 201, 201, 429, 429])
    expect(replies.map(({ headers }) => headers['ratelimit-policy'])).toEqual(
      Array(5).fill('"signups";q=3;w=3600'),
    )
    expect(replies[0]?.headers.ratelimit).toMatch(/^"signups";r=2;t=1(200|199)$/)
    expect(Number(replies[3]?.headers['retry-after'])).toBeGreaterThan(1_100)
    if (replies[3]) expectProblem(signup, replies[3], 'request.rate_limited')
  })

  test('do not count for another address, whatever a client writes into the header', async () => {
    expectReply(signup, await signUp(web, '192.0.2.1, 192.0.2.2'), 201)
    const forged = ['198.51.100.1, 192.0.2.1', '127.0.0.1, 192.0.2.1', 'nonsense, 192.0.2.1']
    for (const header of forged) expect((await signUp(web, header)).status).toBe(429)
  })

  test('count by network with IPv6', async () => {
    const replies = []
    for (const host of [1, 2, 3, 4]) replies.push(await signUp(web, `2001:db8:1:2::${host}`))
    expect(replies.map(({ status }) => status)).toEqual([201, 201, 201, 429])
    expectReply(signup, await signUp(web, '2001:db8:1:3::1'), 201)
  })

  test('are refused before their body is sent', async () => {
    const sending = request(`${web.url}/auth/signup`, {
      method: 'POST',
      headers: {
        'X-Forwarded-For': '192.0.2.1',
        'Content-Type': 'application/json',
        'Content-Length': 10_000,
      },
    })
    sending.on('error', () => {})
    sending.flushHeaders()
    const [reply] = await once(sending, 'response')
    expect(await json(reply)).toMatchObject({ status: 429, code: 'request.rate_limited' })
    sending.destroy()
  })

  test('are a hundred times as many from the same machine', async () => {
    const { headers } = await signUp(web, '127.0.0.1')
    expect(headers['ratelimit-policy']).toBe('"signups";q=300;w=3600')
  })
})

describe('tasks of one user', () => {
  let ada: TestUser
  beforeAll(async () => {
    ada = await web.signUp()
  })
  const create = (at: TestWeb) =>
    at.agent.post('/tasks').set('Authorization', web.bearer(ada)).send({ url: 'https://example.com/a.mp4' })

  test('are limited over all instances, also when many come at once', async () => {
    const replies = await Promise.all(Array.from({ length: 12 }, (_, i) => create(i % 2 ? web : second)))
    const created = replies.filter(({ status }) => status === 202)
    // One at once and one a second.
    expect(created.length).toBeLessThanOrEqual(2)
    expect(created[0]?.headers['ratelimit-policy']).toBe('"tasks";q=1;w=1')
    const refused = replies.find(({ status }) => status === 429)
    if (refused) expectProblem(createTask, refused, 'request.rate_limited')
    expect(refused?.headers['retry-after']).toMatch(/^[12]$/)
  })

  test('do not limit reading', async () => {
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => web.agent.get('/tasks').set('Authorization', web.bearer(ada))),
    )
    for (const reply of replies) {
      expectReply(listTasks, reply, 200)
      expect(reply.headers).not.toHaveProperty('ratelimit')
    }
  })
})

test('changes to one account that leave a record are limited, whatever they change', async () => {
  const ada = await web.signUp()
  const as = { Authorization: web.bearer(ada) }
  const body = { name: 'a program', scopes: ['account'] }
  const { id } = expectReply(createKey, await web.agent.post('/auth/keys').set(as).send(body), 201)
  await second.agent.delete(`/auth/keys/${id}`).set(as).expect(204)
  await web.agent.post('/auth/webhook-secret').set(as).expect(200)
  expectProblem(createKey, await second.agent.post('/auth/keys').set(as).send(body), 'request.rate_limited')
})

test('refreshes are limited by address, apart from logins', async () => {
  const reply = await web.agent
    .post('/auth/refresh')
    .set('X-Forwarded-For', '192.0.2.9')
    .send({ refresh_token: 'x' })
  expectProblem(refresh, reply, 'auth.refresh_invalid')
  expect(reply.headers['ratelimit-policy']).toBe('"refreshes";q=10000000;w=60')
})
