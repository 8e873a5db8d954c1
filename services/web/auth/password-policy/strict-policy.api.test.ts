import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { expectFieldErrors, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestWeb } from '#test/web-app.ts'

const { signup, changePassword } = operations

let web: TestWeb
beforeAll(async () => {
  web = await openTestWeb({ env: { PASSWORD_POLICY: 'strict' } })
})
afterAll(() => web.close())

const signUp = (password: string) =>
  web.agent
    .post('/auth/signup')
    .send({ username: 'countess', email: 'ada@example.org', password, password_2: password })

test('with PASSWORD_POLICY=strict, sign-ups and changes need 15 uncommon characters', async () => {
  for (const password of [
    'Admin123',
    'fourteen chars',
    '123456789987654321',
    'countess-cutroom1',
    'ada@example.org',
  ]) {
    const problem = expectFieldErrors(signup, await signUp(password), ['password'])
    expect(problem.errors?.[0]?.message).toMatch(/15 characters|commonest|name/)
  }
  expectReply(signup, await signUp('correct horse battery'), 201)

  const user = await web.signUp()
  const change = (new_password: string) =>
    web.agent
      .post('/auth/password')
      .set('Authorization', web.bearer(user))
      .send({ current_password: user.password, new_password })
  expectFieldErrors(changePassword, await change('fourteen chars'), ['new_password'])
  expectReply(changePassword, await change('fifteen chars !'), 204)
})
