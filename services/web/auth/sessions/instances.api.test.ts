import { afterAll, afterEach, beforeAll, jest, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { me, refresh, logout } = operations
const OLD = 'the old secret for tests: 0123456789 abcdef'
const NEW = 'a new secret for tests: 9876543210 fedcba'

/** Two instances on one database, while the secret is replaced: the first one was started before that. */
let before: TestWeb
let during: TestWeb
let ada: TestUser
beforeAll(async () => {
  before = await openTestWeb({ env: { JWT_SECRET: OLD } })
  during = await openTestWeb({ env: { JWT_SECRET: `${NEW},${OLD}` }, deps: { database: before.database } })
  ada = await before.signUp()
}, 20_000)
afterEach(() => void jest.restoreAllMocks())
afterAll(async () => {
  await during.close()
  await before.close()
})

const ask = (web: TestWeb, token: string) => web.agent.get('/auth/me').set('Authorization', `Bearer ${token}`)
const logIn = async (web: TestWeb, options = {}) => {
  const { email, password } = ada
  return (
    await web.agent
      .post('/auth/login')
      .send({ email, password, ...options })
      .expect(200)
  ).body
}

test('a token signed with the old secret is accepted while there are two, and one signed with the new secret after that', async () => {
  expectReply(me, await ask(during, ada.token), 200)
  const { token } = await logIn(during)
  expectReply(me, await ask(during, token), 200)
  expectProblem(me, await ask(before, token), 'auth.required')
})

test('a session is refreshed by any instance, whatever secret signed its tokens', async () => {
  const { refresh_token } = await logIn(before, { refresh: true })
  const reply = await during.agent.post('/auth/refresh').send({ refresh_token })
  expectReply(me, await ask(during, expectReply(refresh, reply, 200).token), 200)
})

test('a session that was ended on one instance is refused by another within five seconds', async () => {
  const { token } = await logIn(before)
  expectReply(me, await ask(during, token), 200)
  const leaving = before.agent.post('/auth/logout').set('Authorization', `Bearer ${token}`)
  expectReply(logout, await leaving, 204)
  const now = Date.now.bind(Date)
  jest.spyOn(Date, 'now').mockImplementation(() => now() + 5_000)
  expectProblem(me, await ask(during, token), 'auth.required')
})
