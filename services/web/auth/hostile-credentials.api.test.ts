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
  test('of 256 characters is taken and counts to its last one', async () => {
    for (const [i, password] of ['x'.repeat(256), '🎬'.repeat(256)].entries()) {
      const email = `long-${i}@example.com`
      expectReply(signup, await signUp({ email, ...twice(password) }), 201)
      expectReply(login, await logIn(email, password), 200)
      expectProblem(login, await logIn(email, `${password.slice(0, -2)}xy`), 'auth.wrong_credentials')
      expectProblem(login, await logIn(email, password.slice(0, 72)), 'auth.wrong_credentials')
    }
    expectFieldErrors(signup, await signUp(twice('x'.repeat(257))), ['password'])
  })
  test('in another composition or width is the same', async () => {
    const email = 'composed@example.com'
    const composed = 'Straßenfüße und Äpfel'
    const passwords = { password: composed, password_2: composed.normalize('NFD') }
    expectReply(signup, await signUp({ email, ...passwords }), 201)
    for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD']) {
      expectReply(login, await logIn(email, composed.normalize(form)), 200)
    }
  })
  test('with a NUL or half a surrogate pair is refused, and a NUL does not end the comparison', async () => {
    expectFieldErrors(signup, await signUp(twice('correct horse\0battery')), ['password', 'password_2'])
    expectFieldErrors(signup, await signUp(twice('correct horse \ud800')), ['password', 'password_2'])
    expectFieldErrors(login, await logIn(ada.email, `${ada.password}\0more`), ['password'])
  })
  test('that is among the commonest, or only spaces, is refused in any case', async () => {
    for (const password of [
      'password',
      '12345678',
      'qwertyuiop',
      'PassWord',
      'ｐａｓｓｗｏｒｄ',
      '        ',
    ]) {
      expectFieldErrors(signup, await signUp(twice(password)), ['password'])
    }
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
    const prepared = [expect.stringMatching(/^[\w+/]{43}=$/), expect.stringMatching(/^\$2b\$04\$.{53}$/)]
    expect(compare.mock.calls).toEqual([prepared, prepared])
    expect(new Set(compare.mock.calls.map(([password]) => password)).size).toBe(1)
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
  test('that looks like an existing one is taken', async () => {
    const password = twice('correct horse battery')
    // Each pair: Latin, then all Cyrillic, Greek or other Latin letters.
    const pairs = [
      ['ace', 'асе'],
      ['scope', 'ѕсоре'],
      ['HOT', 'НОТ'],
      ['modern', 'modem'],
      ['Ian', 'lan'],
      ['room101', 'rooml0l'],
    ] as const
    for (const [name, alike] of pairs) {
      expectReply(signup, await signUp({ username: name, ...password }), 201)
      expectProblem(signup, await signUp({ username: alike, ...password }), 'user.exists')
    }
  })
  test('of mixed scripts is refused', async () => {
    for (const username of ['аdmin', 'pаypal', 'սvj', 'αdmin', 'adm١n', 'admin漢']) {
      expectFieldErrors(signup, await signUp({ username, ...twice('correct horse battery') }), ['username'])
    }
  })
  test('of any one script is taken', async () => {
    for (const username of [
      'Дмитрий',
      'Ελένη',
      '山田たろう',
      'サクラ漢字',
      '김철수',
      'שרה',
      'محمد',
      'Zoë-2',
      '42nd.street',
    ]) {
      expectReply(signup, await signUp({ username, ...twice('correct horse battery') }), 201)
    }
  })
  test('of letters that nobody sees is refused', async () => {
    for (const username of ['\u3164\u3164\u3164', '김철수\u3164', '김\uffa0철수', '김\u115f\u1160철수']) {
      expectFieldErrors(signup, await signUp({ username, ...twice('correct horse battery') }), ['username'])
    }
  })
  test('without a letter or digit at its beginning is refused', async () => {
    for (const username of ['__proto__', '...', '-rf', '_admin', '.env']) {
      expectFieldErrors(signup, await signUp({ username, ...twice('correct horse battery') }), ['username'])
    }
  })
  test('that is taken leaves no address in the log of Postgres', async () => {
    await signUp({ username: 'logged', email: 'logged@example.com', ...twice('correct horse battery') })
    const query = jest.spyOn(web.database, 'query')
    expectProblem(
      signup,
      await signUp({ username: 'other', email: 'logged@example.com', ...twice('correct horse battery') }),
      'user.exists',
    )
    // Postgres logs the key of every violated constraint; a statement that succeeds violates none.
    for (const { value } of query.mock.results) await expect(value).resolves.toEqual(expect.anything())
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
