import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { expectFieldErrors, expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { signup, login, createTask, listTasks, createUpload } = operations

let web: TestWeb
let ada: TestUser
let eve: TestUser
beforeAll(async () => {
  web = await openTestWeb()
  ada = await web.signUp()
  eve = await web.signUp()
})
afterEach(() => {
  // No request caused an unexpected error.
  expect(web.log.takeErrors()).toEqual([])
})
afterAll(() => web.close())

const as = (user: Pick<TestUser, 'token'>) => ({ Authorization: web.bearer(user) })
const post = (body: object | string, user = ada) =>
  web.agent.post('/tasks').set(as(user)).type('json').send(body)
const list = (query: string) => web.agent.get(`/tasks?${query}`).set(as(ada))
const signUp = (account: object) =>
  web.agent
    .post('/auth/signup')
    .send({ username: `u-${randomUUID()}`, email: `${randomUUID()}@example.com`, ...account })
const twice = (password: string) => ({ password, password_2: password })

async function countTasks(): Promise<number> {
  const [row] = await web.database.query<{ count: string }>('SELECT count(*) FROM tasks')
  return Number(row?.count)
}

describe('a query', () => {
  test.each([
    ['max=-1', 'max'],
    ['max=0', 'max'],
    ['max=1e9', 'max'],
    ['max=NaN', 'max'],
    ['max=Infinity', 'max'],
    ['max=1.5', 'max'],
    ['max=', 'max'],
    ['max=1&max=2', 'max'],
    ['order=2', 'order'],
    ['order=0&order=1', 'order'],
    ['status=finished', 'status'],
    ['status=queued&status=failed', 'status'],
    ['page=x', 'page'],
    ['page=x&page=y', 'page'],
    [`page=${'x'.repeat(500)}`, 'page'],
  ])('with %s is refused and names the field', async (query, field) => {
    expectFieldErrors(listTasks, await list(query), [field])
  })
  test('with several wrong fields names them all', async () => {
    expectFieldErrors(listTasks, await list('max=-1&order=7&status=x'), ['max', 'order', 'status'])
  })
  test('with __proto__ or unknown names changes nothing', async () => {
    expectReply(listTasks, await list('__proto__[max]=9&constructor=1&max[]=3'), 200)
    expect(({} as Record<string, unknown>).max).toBeUndefined()
  })
})

describe('many wrong fields', () => {
  test('are listed up to the twentieth, so that the reply is not larger than the request', async () => {
    const text = JSON.stringify(
      Object.fromEntries(Array.from({ length: 12_000 }, (_, i) => [`unknown-${i}`, 0])),
    )
    for (const [operation, ask] of [
      [login, () => web.agent.post('/auth/login')],
      [createTask, () => web.agent.post('/tasks').set(as(ada))],
    ] as const) {
      const reply = await ask().type('json').send(text)
      const problem = expectProblem(operation, reply, 'request.invalid')
      expect(problem.errors).toHaveLength(20)
      expect(problem.detail).toMatch(/; and 1\d{4} more$/)
      expect(reply.text.length).toBeLessThan(10_000)
    }
  })
  test('with long names are shortened', async () => {
    const reply = await post({ ['x'.repeat(200_000)]: 1 })
    expectProblem(createTask, reply, 'request.invalid')
    expect(reply.text.length).toBeLessThan(2_000)
  })
})

describe('a request', () => {
  test('with two Host headers is malformed', async () => {
    const reply = await raw('GET /presets HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n')
    expect(reply).toMatch(/^HTTP\/1.1 400 [\s\S]*more than one Host/)
  })
  test.each([
    ['that is not HTTP', 'hello\r\n\r\n', 400, 'request.malformed'],
    ['of HTTP/0.9', 'GET /presets\r\n\r\n', 400, 'request.malformed'],
    [
      'with headers of 20 kB',
      `GET / HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      'request.headers_too_large',
    ],
    [
      'with an unknown expectation',
      'GET / HTTP/1.1\r\nHost: x\r\nExpect: a-miracle\r\n\r\n',
      417,
      'request.expectation_failed',
    ],
  ])('%s gets a problem with security headers', async (_, bytes, status, code) => {
    const reply = await raw(bytes)
    expect(reply).toMatch(new RegExp(`^HTTP/1.1 ${status} [\\s\\S]*"code":"${code}"`))
    expect(reply).toMatch(/^X-Content-Type-Options: nosniff\r$/im)
    expect(reply).toMatch(/^Content-Security-Policy: default-src 'none'/im)
  })
})

describe('a body', () => {
  const url = 'https://example.com/a.mp4'

  test('that is not JSON is malformed', async () => {
    for (const text of ['{', '{"url":', 'url=x', '"text"', '17', 'null', '\0', '{"url":"\ufffd']) {
      expectProblem(createTask, await post(text), 'request.malformed')
    }
  })
  test('with an array or an object in place of a scalar is refused and names the field', async () => {
    expectFieldErrors(createTask, await post({ url: [url] }), ['url'])
    expectFieldErrors(createTask, await post({ url: { href: url } }), ['url'])
    expectFieldErrors(createTask, await post({ url, preset: ['reel'] }), ['preset'])
    expectFieldErrors(
      login,
      await web.agent.post('/auth/login').send({ email: { $ne: '' }, password: ['x'] }),
      ['email', 'password'],
    )
  })
  test('that is an array is refused', async () => {
    expectProblem(createTask, await post([{ url }]), 'request.invalid')
  })
  test('with __proto__ or constructor is refused and pollutes nothing', async () => {
    for (const name of ['__proto__', 'constructor', 'prototype']) {
      const text = `{"url":"${url}","${name}":{"status":"succeeded","polluted":true}}`
      expectFieldErrors(createTask, await post(text), [name])
    }
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
  test('that assigns an owner, a status or an id is refused', async () => {
    const body = { url, id: randomUUID(), user_id: eve.id, owner: eve.id, status: 'succeeded', attempts: 9 }
    const wrong = ['id', 'user_id', 'owner', 'status', 'attempts']
    expectFieldErrors(createTask, await post(body), wrong)
    const account = { id: eve.id, password_hash: 'x', ...twice('correct horse') }
    expectFieldErrors(signup, await signUp(account), ['id', 'password_hash'])
  })
  test('nested too deeply is refused', async () => {
    const depth = 100_000
    const arrays = '['.repeat(depth) + ']'.repeat(depth)
    expectFieldErrors(createTask, await post(`{"url":"${url}","deep":${arrays}}`), ['deep'])
    expectFieldErrors(createTask, await post(`{"recipe":${arrays}}`), ['recipe'])
    expectProblem(createTask, await post(arrays), 'request.invalid')
    const objects = '{"recipe":'.repeat(20_000)
    expectFieldErrors(createTask, await post(`${objects}1${'}'.repeat(20_000)}`), [
      'recipe.recipe',
      'recipe.sources',
    ])
  })
  test('with text that Postgres cannot store is refused and names the field', async () => {
    for (const bad of ['\0', '\ud800']) {
      expectFieldErrors(createTask, await post({ url: `https://example.com/${bad}.mp4` }), ['url'])
      expectFieldErrors(createTask, await post({ recipe: { sources: [{ url: `${url}?${bad}` }] } }), [
        'recipe.sources.0.url',
      ])
      const upload = web.agent.post('/uploads').set(as(ada))
      expectFieldErrors(createUpload, await upload.send({ filename: `a${bad}.mp4` }), ['filename'])
    }
  })
  test('of another type is refused', async () => {
    for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'json']) {
      const reply = await web.agent.post('/tasks').set(as(ada)).set('Content-Type', type).send('{}')
      expectProblem(createTask, reply, 'request.unsupported_type')
    }
    const charset = web.agent.post('/tasks').set(as(ada)).set('Content-Type', 'application/json; charset=x')
    expectProblem(createTask, await charset.send('{}'), 'request.unsupported_type')
    const form = web.agent.post('/uploads').set(as(ada)).attach('file', Buffer.from('x'), 'x.mp4')
    expectProblem(createUpload, await form, 'request.unsupported_type')
  })
  test('that is missing is refused and names the required fields', async () => {
    expectFieldErrors(createTask, await web.agent.post('/tasks').set(as(ada)), ['url'])
    const fields = ['username', 'email', 'password', 'password_2']
    expectFieldErrors(signup, await web.agent.post('/auth/signup'), fields)
  })
  test('that decompresses beyond the limit is too large', async () => {
    const bomb = gzipSync(`{"url":"${'x'.repeat(50e6)}"}`)
    expect(bomb.length).toBeLessThan(100_000)
    const reply = await post('')
      .set('Content-Encoding', 'gzip')
      .serialize(() => bomb as never)
      .send({})
    expectProblem(createTask, reply, 'request.too_large')
  })
  test('with an unknown or wrong Content-Encoding is refused', async () => {
    const unknown = await post('{}').set('Content-Encoding', 'zz')
    expectProblem(createTask, unknown, 'request.unsupported_type')
    expectProblem(createTask, await post('{}').set('Content-Encoding', 'gzip'), 'request.malformed')
  })
  test('beyond the limit is too large, with and without Content-Length', async () => {
    const head = `POST /tasks HTTP/1.1\r\nHost: x\r\nAuthorization: ${web.bearer(ada)}\r\nContent-Type: application/json\r\n`
    const announced = await raw(`${head}Content-Length: 40000000\r\n\r\n{"url":"`)
    expect(announced).toMatch(/^HTTP\/1.1 413 [\s\S]*request\.too_large/)
    const chunk = `${(300_000).toString(16)}\r\n${' '.repeat(300_000)}\r\n`
    const endless = await raw(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk}`)
    expect(endless).toMatch(/^HTTP\/1.1 413 [\s\S]*request\.too_large/)
  })
})

describe('a client', () => {
  const partialRequest = (token: string) =>
    `POST /tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"url":`

  test('that disconnects during a request creates nothing', async () => {
    const before = await countTasks()
    for (let i = 0; i < 20; i++) {
      const socket = connect(web.port, '127.0.0.1')
      await new Promise<void>((resolve) => socket.write(partialRequest(ada.token), () => resolve()))
      socket.destroy()
    }
    expectReply(listTasks, await list(''), 200)
    expect(await countTasks()).toBe(before)
  })

  test('that sends too slowly gets a 408', async () => {
    const impatient = await openTestWeb({
      clientLimits: { headersTimeoutMs: 60_000, windowMs: 100, minBytesPerWindow: 1_000 },
    })
    try {
      const { token } = await impatient.signUp()
      const reply = await raw(partialRequest(token), impatient.port)
      expect(reply).toMatch(/^HTTP\/1.1 408 .*"code":"request.timed_out"/s)
      expect(impatient.log.takeErrors()).toEqual([])
    } finally {
      await impatient.close()
    }
  })
})

/** Sends raw bytes and returns the first reply, or what arrived until the service closed the connection. */
async function raw(bytes: string, port = web.port): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.setEncoding('utf8')
  socket.write(bytes)
  let reply = ''
  for await (const chunk of socket) {
    reply += chunk
    const [, length, body] = /Content-Length: (\d+)\r\n.*?\r\n\r\n(.*)$/is.exec(reply) ?? []
    if (body !== undefined && Buffer.byteLength(body) >= Number(length)) break
  }
  return reply
}
