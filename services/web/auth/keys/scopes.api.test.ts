import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { SCOPES, type Scope } from '#shared/contract/accounts/scopes.ts'
import { type Operation, operations } from '#shared/contract/operations.ts'
import { expectProblem } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

let web: TestWeb
beforeAll(async () => {
  web = await openTestWeb()
})
afterAll(() => web.close())

async function createKey(user: TestUser, scopes: Scope[]): Promise<string> {
  const request = web.agent.post('/auth/keys').set('Authorization', web.bearer(user))
  return (await request.send({ name: 'a program', scopes }).expect(201)).body.key
}

/** Sends an operation with an unknown id and an empty body: what matters is whether the caller is let in. */
const send = ({ method, path }: Operation, credential: string) =>
  web.agent[method](path.replace(/\{\w+\}/g, randomUUID())).set('Authorization', `Bearer ${credential}`)

const isRefused = ({ status, body }: { status: number; body: { code?: string } }) =>
  status === 401 || body.code === 'auth.scope_missing'

const forUsers = Object.values<Operation>(operations).flatMap((operation) =>
  operation.access === 'user' ? [[operation.id, operation.scope, operation] as const] : [],
)

test.each(forUsers)(
  '%s needs the scope %s and no other, and a session has it',
  async (_, scope, operation) => {
    // A user for each operation, some of which end sessions.
    const user = await web.signUp()
    const without = await createKey(
      user,
      SCOPES.filter((other) => other !== scope),
    )
    const only = await createKey(user, [scope])

    const refused = await send(operation, without)
    expect(expectProblem(operation, refused, 'auth.scope_missing').detail).toContain(scope)
    expect(refused.headers['www-authenticate']).toBe(`Bearer error="insufficient_scope", scope="${scope}"`)
    expect(isRefused(await send(operation, user.token))).toBe(false)
    expect(isRefused(await send(operation, only))).toBe(false)
  },
)
