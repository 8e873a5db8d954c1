import { operations } from '#shared/contract/operations.ts'
import type { Mount } from '../mount.ts'
import type { Accounts } from './accounts.ts'
import { accountGone } from './require-user.ts'
import type { Tokens } from './tokens.ts'

export function mountAuth(mount: Mount, accounts: Accounts, tokens: Tokens): void {
  mount(operations.signup, async ({ body }) => ({ status: 201, body: await accounts.signUp(body) }))

  mount(operations.login, async ({ body }) => {
    const userId = await accounts.logIn(body.email, body.password)
    return { status: 200, body: tokens.issue(userId), headers: { 'Cache-Control': 'no-store' } }
  })

  mount(operations.me, async ({ user }) => {
    const account = await accounts.find(user.id)
    if (!account) throw accountGone()
    return { status: 200, body: account }
  })
}
