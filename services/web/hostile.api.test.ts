import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import bcrypt from 'bcrypt'
import { operations } from '#shared/contract/operations.ts'
import { expectFieldErrors, expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { signup, login, me, createTask, listTasks, getTask, deleteTask, getOutput, createUpload } = operations

let web: TestWeb
let ada: TestUser
let eve: TestUser
beforeAll(async () => {
  web = await openTestWeb({ env: { UPLOAD_MAX_BYTES: '1000000' } })
  ada = await web.signUp()
  eve = await web.signUp()
})
afterEach(() => {
  jest.restoreAllMocks()
  // No request caused an unexpected error.
  expect(web.log.takeErrors()).toEqual([])
})
afterAll(() => web.close())

const as = (user: Pick<TestUser, 'token'>) => ({ Authorization: web.bearer(user) })
const post = (body: object | string, user = ada) =>
  web.agent.post('/tasks').set(as(user)).type('json').send(body)
const list = (query: string) => web.agent.get(`/tasks?${query}`).set(as(ada))
const logIn = (email: string, password: string) => web.agent.post('/auth/login').send({ email, password })
const signUp = (account: object) =>
  web.agent
    .post('/auth/signup')
    .send({ username: `u-${randomUUID()}`, email: `${randomUUID()}@example.com`, ...account })
const twice = (password: string) => ({ password, password_2: password })

async function rowsOf(table: string): Promise<number> {
  const [row] = await web.database.query<{ count: string }>(`SELECT count(*) FROM ${table}`)
  return Number(row?.count)
}

describe('a token', () => {
  const now = Math.floor(Date.now() / 1000)
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  function forge(claims: object = {}, header: object = {}, secret = web.config.auth.secret) {
    const whole = { sub: ada.id, iss: 'cutroom', aud: 'cutroom-api', iat: now, exp: now + 60, ...claims }
    const signed = `${encode({ alg: 'HS256', typ: 'JWT', ...header })}.${encode(whole)}`
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
  }
  const ask = (authorization?: string) => {
    const request = web.agent.get('/auth/me')
    return authorization === undefined ? request : request.set('Authorization', authorization)
  }
  const refuse = async (token: string) => {
    const reply = await ask(`Bearer ${token}`)
    expectProblem(me, reply, 'auth.required')
    expect(reply.headers['www-authenticate']).toMatch(/^Bearer/)
  }

  test('forged correctly is accepted, so that each forgery below fails for its one flaw', async () => {
    expectReply(me, await ask(`Bearer ${forge()}`), 200)
  })
  test('is required', async () => {
    for (const none of [undefined, '', 'Bearer', 'Bearer ', 'Basic YTpi', forge()]) {
      expectProblem(me, await ask(none), 'auth.required')
    }
  })
  test('with algorithm none is refused', async () => {
    await refuse(`${forge({}, { alg: 'none' }).replace(/\.[^.]*$/, '')}.`)
    await refuse(forge({}, { alg: 'none' }))
    await refuse(forge({}, { alg: 'None' }))
  })
  test('signed with a public key as if it were a secret is refused', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    await refuse(forge({}, {}, pem))
    await refuse(forge({}, { alg: 'RS256' }, pem))
    await refuse(forge({}, { alg: 'RS256' }))
    await refuse(forge({}, { alg: 'HS384' }))
  })
  test('that has expired is refused', () => refuse(forge({ exp: now - 1 })))
  test('that is not valid yet is refused', () => refuse(forge({ nbf: now + 3600 })))
  test('for another audience is refused', async () => {
    await refuse(forge({ aud: 'another-api' }))
    await refuse(forge({ aud: undefined }))
  })
  test('of another issuer is refused', async () => {
    await refuse(forge({ iss: 'https://accounts.example.com' }))
    await refuse(forge({ iss: undefined }))
  })
  test('without a valid user is refused', async () => {
    for (const sub of [undefined, '', 'admin', 1, [ada.id], { id: ada.id }]) await refuse(forge({ sub }))
    await refuse(forge({ sub: randomUUID() }))
  })
  test('of a deleted user is refused', async () => {
    const gone = await web.signUp()
    await web.database.query('DELETE FROM users WHERE id = $1', [gone.id])
    await refuse(gone.token)
  })
  test('of a user deleted a moment ago creates nothing', async () => {
    const gone = await web.signUp()
    await web.createTask(gone)
    await web.database.query('DELETE FROM users WHERE id = $1', [gone.id])
    const url = 'https://example.com/a.mp4'
    expectProblem(createTask, await post({ url }, gone), 'auth.required')
    const upload = () => web.agent.post('/uploads').set(as(gone))
    expectProblem(createUpload, await upload().send({}), 'auth.required')
    expectProblem(createUpload, await upload().set('Idempotency-Key', 'k').send({}), 'auth.required')
    const form = web.agent.post('/tasks').set(as(gone)).attach('file', Buffer.from('x'), 'a.mp4')
    expectProblem(createTask, await form, 'auth.required')
    for await (const { key } of web.storage.list(`uploads/${gone.id}/`))
      throw new Error(`${key} was left behind`)
  })
  test('of excessive length is refused', async () => {
    await refuse('a'.repeat(8_000))
    await refuse(forge({ padding: 'x'.repeat(8_000) }))
    const reply = await ask(`Bearer ${'a'.repeat(20_000)}`)
    expectProblem(undefined, reply, 'request.headers_too_large')
  })
  test('whose kid names a file, a query or a URL is verified with the configured key', async () => {
    for (const kid of ['../../../dev/null', "' UNION SELECT 'x' --", 'http://127.0.0.1/key']) {
      await refuse(forge({}, { kid }, ''))
      expectReply(me, await ask(`Bearer ${forge({}, { kid })}`), 200)
    }
    await refuse(forge({}, { jwk: { kty: 'oct', k: 'AAAA' } }, '\0\0\0'))
  })
})

describe('a password', () => {
  test('of 73 bytes is refused, since bcrypt ignores the last', async () => {
    expectFieldErrors(signup, await signUp(twice('x'.repeat(73))), ['password'])
    expectFieldErrors(signup, await signUp(twice('é'.repeat(37))), ['password'])
  })
  test('of 72 bytes does not match with one byte more', async () => {
    const email = 'seventy-two@example.com'
    const password = 'x'.repeat(72)
    expectReply(signup, await signUp({ email, ...twice(password) }), 201)
    expectReply(login, await logIn(email, password), 200)
    expectProblem(login, await logIn(email, `${password}y`), 'auth.wrong_credentials')
  })
  test('with a NUL is refused, and a NUL does not end the comparison', async () => {
    expectFieldErrors(signup, await signUp(twice('correct horse\0battery')), ['password'])
    expectFieldErrors(login, await logIn(ada.email, `${ada.password}\0more`), ['password'])
  })
  test('of a megabyte is refused before it is parsed', async () => {
    expectProblem(signup, await signUp(twice('x'.repeat(1e6))), 'request.too_large')
    expectProblem(login, await logIn(ada.email, 'x'.repeat(1e6)), 'request.too_large')
    expectFieldErrors(login, await logIn(ada.email, 'x'.repeat(2_000)), ['password'])
  })
  test('for an unknown e-mail address is compared like any other', async () => {
    const compare = jest.spyOn(bcrypt, 'compare')
    await logIn(ada.email, 'wrong horse')
    await logIn('nobody@example.com', 'wrong horse')
    expect(compare.mock.calls).toEqual([
      ['wrong horse', expect.stringMatching(/^\$2b\$04\$.{53}$/)],
      ['wrong horse', expect.stringMatching(/^\$2b\$04\$.{53}$/)],
    ])
    for (const { value } of compare.mock.results) expect(await value).toBe(false)
  })
  test('guessed in bulk is refused with Retry-After, and logins work afterwards', async () => {
    const queue = 42
    const tries = 60
    let open = () => {}
    const gate = new Promise<boolean>((resolve) => {
      open = () => resolve(false)
    })
    jest.spyOn(bcrypt, 'compare').mockImplementation(() => gate)
    let refused = 0
    const replies = await Promise.all(
      Array.from({ length: tries }, async (_, i) => {
        const reply = await logIn(ada.email, `guess ${i}`)
        if (reply.status === 429 && ++refused === tries - queue) open()
        return reply
      }),
    )
    const refusals = replies.filter(({ status }) => status === 429)
    expect(refusals).toHaveLength(tries - queue)
    for (const reply of refusals) {
      expectProblem(login, reply, 'request.rate_limited')
      expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0)
    }
    expect(replies.filter(({ status }) => status === 401)).toHaveLength(queue)
    jest.restoreAllMocks()
    expectReply(login, await logIn(ada.email, ada.password), 200)
  })
})

describe('a user name or e-mail address', () => {
  test('in another case, width or composition is the same', async () => {
    const password = twice('correct horse battery')
    expectReply(signup, await signUp({ username: 'Zoë', email: 'Zoe@Example.com', ...password }), 201)
    for (const username of ['zoë', 'ZOË', 'Ｚｏë']) {
      expectProblem(signup, await signUp({ username, ...password }), 'user.exists')
    }
    const decomposed = 'Zoë'.normalize('NFD')
    expectFieldErrors(signup, await signUp({ username: decomposed, ...password }), ['username'])
    const reply = await signUp({ email: 'zoe@example.COM', ...password })
    expectProblem(signup, reply, 'user.exists')
    expectReply(login, await logIn('ZOE@EXAMPLE.COM', password.password), 200)
  })
  test('with characters beyond ASCII in the e-mail address is refused in any composition', async () => {
    for (const form of ['NFC', 'NFD']) {
      const email = 'zoë@example.com'.normalize(form)
      expectFieldErrors(signup, await signUp({ email, ...twice('correct horse') }), ['email'])
      expectFieldErrors(login, await logIn(email, 'correct horse'), ['email'])
    }
  })
  test('signed up many times at once is created once', async () => {
    const account = { username: 'popular', email: 'popular@example.com', ...twice('correct horse') }
    const replies = await Promise.all(Array.from({ length: 12 }, () => signUp(account)))
    expect(replies.map(({ status }) => status).sort()).toEqual([201, ...Array(11).fill(409)])
    for (const reply of replies.filter(({ status }) => status === 409)) {
      expectProblem(signup, reply, 'user.exists')
    }
  })
})

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
    expectFieldErrors(createTask, await post(`${objects}1${'}'.repeat(20_000)}`), ['recipe.recipe', 'url'])
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

describe('a task', () => {
  test('of another user gets the replies of an unknown task', async () => {
    const { id } = await web.createTask(ada)
    await web.finish(id, { 'a.mp4': 'bytes' })
    const never = randomUUID()
    const ways = [
      { operation: getTask, ask: (task: string) => web.agent.get(`/tasks/${task}`) },
      { operation: deleteTask, ask: (task: string) => web.agent.delete(`/tasks/${task}`) },
      { operation: operations.taskEvents, ask: (task: string) => web.agent.get(`/tasks/${task}/events`) },
      { operation: operations.retryTask, ask: (task: string) => web.agent.post(`/tasks/${task}/retry`) },
      { operation: getOutput, ask: (task: string) => web.agent.get(`/tasks/${task}/outputs/a.mp4`) },
    ]
    for (const { operation, ask } of ways) {
      const foreign = expectProblem(operation, await ask(id).set(as(eve)), 'task.not_found')
      const unknown = expectProblem(operation, await ask(never).set(as(eve)), 'task.not_found')
      expect({ ...foreign, request_id: '' }).toEqual({ ...unknown, request_id: '' })
    }
    expectReply(getTask, await web.agent.get(`/tasks/${id}`).set(as(ada)), 200)
  })
  test('with a malformed id gets the reply of an unknown task', async () => {
    for (const id of ['1', 'x', '%00', '..%2f..', "1'%20OR%201=1", '0'.repeat(5_000), `${randomUUID()}x`]) {
      expectProblem(getTask, await web.agent.get(`/tasks/${id}`).set(as(ada)), 'task.not_found')
    }
    const odd = await web.agent.get('/tasks/%zz').set(as(ada))
    expectProblem(getTask, odd, 'request.malformed')
  })
  test("from another user's upload is refused like an unknown upload", async () => {
    const theirs = await web.createUpload(eve)
    const foreign = expectProblem(createTask, await post({ upload_id: theirs }), 'upload.not_found')
    const unknown = randomUUID()
    const never = expectProblem(createTask, await post({ upload_id: unknown }), 'upload.not_found')
    expect(never.detail.replace(unknown, theirs)).toBe(foreign.detail)
    const image = { seconds: 1, image: { upload_id: theirs } }
    const recipe = { sources: [{ url: 'https://example.com/a.mp4' }], bumper: { intro: image } }
    expectProblem(createTask, await post({ recipe }), 'upload.not_found')
  })
  test('is aborted by the first delete, removed by the second, and unknown to the third', async () => {
    const { id } = await web.createTask(ada)
    const remove = () => web.agent.delete(`/tasks/${id}`).set(as(ada))
    expect(expectReply(deleteTask, await remove(), 200).status).toBe('aborted')
    expectReply(deleteTask, await remove(), 204)
    expectProblem(deleteTask, await remove(), 'task.not_found')
  })
  test('that has finished is removed rather than aborted', async () => {
    const { id } = await web.createTask(ada)
    await web.finish(id)
    expectReply(deleteTask, await web.agent.delete(`/tasks/${id}`).set(as(ada)), 204)
  })
  test('aborted by many requests at once is aborted by one of them', async () => {
    const { id } = await web.createTask(ada)
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => web.agent.delete(`/tasks/${id}`).set(as(ada))),
    )
    const statuses = replies.map(({ status }) => status).sort()
    expect(statuses).toEqual([200, 204, ...Array(6).fill(404)])
  })
  test('aborted while it finishes has one outcome', async () => {
    for (let round = 0; round < 10; round++) {
      const { id } = await web.createTask(ada)
      const claim = await web.claim(id)
      const [reply, finished] = await Promise.all([
        web.agent.delete(`/tasks/${id}`).set(as(ada)),
        web.jobs.finish(claim, { sources: [], outputs: [] }),
      ])
      // Aborted first: the finish is fenced out. Finished first: the delete removes it.
      if (reply.status === 200) expect(finished).toBe(false)
      else expect({ status: reply.status, finished }).toEqual({ status: 204, finished: true })
    }
  })
  test.each([
    'file:///etc/passwd',
    'ftp://example.com/a',
    'gopher://x/',
    'data:video/mp4;base64,AA',
    'concat:a|b',
    '//example.com/a',
    '/etc/passwd',
    'javascript:1',
    '',
    'http://',
  ])('is not created from the URL %j', async (url) => {
    const before = await rowsOf('tasks')
    expectFieldErrors(createTask, await post({ url }), ['url'])
    expect(await rowsOf('tasks')).toBe(before)
  })
})

describe('a client', () => {
  const partialRequest = (token: string) =>
    `POST /tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"url":`

  test('that disconnects during a request creates nothing', async () => {
    const before = await rowsOf('tasks')
    for (let i = 0; i < 20; i++) {
      const socket = connect(web.port, '127.0.0.1')
      await new Promise<void>((resolve) => socket.write(partialRequest(ada.token), () => resolve()))
      socket.destroy()
    }
    expectReply(listTasks, await list(''), 200)
    expect(await rowsOf('tasks')).toBe(before)
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
