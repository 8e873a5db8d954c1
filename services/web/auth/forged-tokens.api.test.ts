import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { me, createTask, createUpload } = operations

let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  web = await openTestWeb()
  ada = await web.signUp()
})
afterEach(() => {
  // No request caused an unexpected error.
  expect(web.log.takeErrors()).toEqual([])
})
afterAll(() => web.close())

const as = (user: Pick<TestUser, 'token'>) => ({ Authorization: web.bearer(user) })
const post = (body: object | string, user = ada) =>
  web.agent.post('/tasks').set(as(user)).type('json').send(body)

describe('a token', () => {
  const now = Math.floor(Date.now() / 1000)
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const decode = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  function forge(claims: object = {}, header: object = {}, secret = web.config.auth.secrets[0] ?? '') {
    const { sid } = decode(ada.token)
    const about = { sub: ada.id, sid, jti: randomUUID(), iss: 'cutroom', aud: 'cutroom-api' }
    const whole = { ...about, iat: now, exp: now + 60, ...claims }
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
  test('that demands an extension is refused', async () => {
    await refuse(forge({}, { crit: ['exp'] }))
    await refuse(forge({}, { crit: ['b64'], b64: true }))
    await refuse(forge({}, { crit: [] }))
  })
  test('issued in the future, or for more than a year, is refused', async () => {
    await refuse(forge({ iat: now + 3600, exp: now + 7200 }))
    await refuse(forge({ exp: now + 2 * 366 * 86_400 }))
    await refuse(forge({ exp: 1e300 }))
    await refuse(forge({ exp: now + 60.5 }))
    await refuse(forge({ iat: undefined }))
  })
  test('without a session of its own user is refused', async () => {
    const bob = await web.signUp()
    for (const sid of [undefined, '', 'x', randomUUID(), decode(bob.token).sid]) await refuse(forge({ sid }))
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
