import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import bcrypt from 'bcrypt'
import { operations } from '#shared/contract/operations.ts'
import { expectFieldErrors, expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { signup, login } = operations

let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  web = await openTestWeb()
  ada = await web.signUp()
})
afterEach(() => {
  jest.restoreAllMocks()
  // No request caused an unexpected error.
  expect(web.log.takeErrors()).toEqual([])
})
afterAll(() => web.close())

const logIn = (email: string, password: string) => web.agent.post('/auth/login').send({ email, password })
const signUp = (account: object) =>
  web.agent
    .post('/auth/signup')
    .send({ username: `u-${randomUUID()}`, email: `${randomUUID()}@example.com`, ...account })
const twice = (password: string) => ({ password, password_2: password })

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
    const queue = 12
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
