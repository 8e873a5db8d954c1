import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import bcrypt from 'bcrypt'
import { operations } from '#shared/contract/operations.ts'
import { expectFieldErrors, expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestWeb } from '#test/web-app.ts'

const { signup, login, me } = operations
const ada = { username: 'ada', email: 'ada@example.com', password: 'correct horse battery' }

let web: TestWeb
beforeAll(async () => {
  web = await openTestWeb()
})
afterAll(async () => {
  expect(web.log.takeErrors()).toEqual([])
  await web.close()
})

const signUp = (account: Partial<typeof ada> & { password_2?: string }) => {
  const body = { ...ada, ...account }
  return web.agent.post('/auth/signup').send({ password_2: body.password, ...body })
}
const logIn = (email: string, password: string) => web.agent.post('/auth/login').send({ email, password })

describe('an account', () => {
  test('can be created, logged in to and read by its owner', async () => {
    const user = expectReply(signup, await signUp(ada), 201)
    expect(user).toMatchObject({ username: 'ada', email: 'ada@example.com' })

    const reply = await logIn(ada.email, ada.password)
    const { token, token_type, expires_in } = expectReply(login, reply, 200)
    expect(reply.headers['cache-control']).toBe('no-store')
    expect({ token_type, expires_in }).toEqual({ token_type: 'Bearer', expires_in: 43_200 })

    const reading = await web.agent.get('/auth/me').set('Authorization', `Bearer ${token}`)
    expect(expectReply(me, reading, 200)).toEqual(user)
  })

  test('stores no readable password', async () => {
    const user = await web.signUp()
    const [row] = await web.database.query('SELECT * FROM users WHERE id = $1', [user.id])
    expect(JSON.stringify(row)).not.toContain(user.password)
  })

  test('is refused when the user name or e-mail address is taken', async () => {
    const { username, email } = await web.signUp()
    expectProblem(signup, await signUp({ username, email: 'other@example.com' }), 'user.exists')
    expectProblem(signup, await signUp({ username: 'other-name', email }), 'user.exists')
  })

  test('is refused with every wrong field named', async () => {
    const reply = await web.agent
      .post('/auth/signup')
      .send({ username: 'a', email: 'no address', password: 'short', password_2: 'short', admin: true })
    expectFieldErrors(signup, reply, ['username', 'email', 'password', 'admin'])
  })

  test('needs the same password twice', async () => {
    expectFieldErrors(signup, await signUp({ username: 'twice', password_2: 'correct horse' }), [
      'password_2',
    ])
  })

  test('refuses a wrong password and an unknown e-mail address with the same reply', async () => {
    const { email } = await web.signUp()
    const wrong = expectProblem(login, await logIn(email, 'wrong horse'), 'auth.wrong_credentials')
    const unknown = expectProblem(login, await logIn('nobody@example.com', 'x'), 'auth.wrong_credentials')
    expect({ ...unknown, request_id: '' }).toEqual({ ...wrong, request_id: '' })
  })

  test('of the earlier system signs up and logs in as documented', async () => {
    const admin = { username: 'admin', email: 'admin@example.com', password: 'Admin123' }
    expectReply(signup, await signUp(admin), 201)
    expectReply(login, await logIn(admin.email, admin.password), 200)
  })

  test('of an earlier version keeps its password, whose hash is replaced at the next login', async () => {
    const { id, email, password } = await web.signUp()
    const storedHash = async () => {
      const [row] = await web.database.query<{ password_hash: string }>(
        'SELECT password_hash FROM users WHERE id = $1',
        [id],
      )
      return row?.password_hash
    }
    const outdated = await bcrypt.hash(password, 4)
    await web.database.query('UPDATE users SET password_hash = $2 WHERE id = $1', [id, outdated])
    expectProblem(login, await logIn(email, 'wrong horse'), 'auth.wrong_credentials')
    expect(await storedHash()).toBe(outdated)
    for (let i = 0; i < 2; i++) {
      expectReply(login, await logIn(email, password), 200)
      expect(await storedHash()).toMatch(/^v2:\$2b\$/)
    }
  })
})
