import { operations } from '#shared/contract/operations.ts'
import type { Database } from '#shared/database/database.ts'
import { findWebhookSecret, replaceWebhookSecret } from '#shared/tasks/webhook-secrets.ts'
import type { Reply, Route } from '../http/operation-router.ts'
import { clientAddress } from '../limits/client-address.ts'
import { accountDeleted } from './account-deleted.ts'
import type { Accounts } from './accounts.ts'
import type { Tokens } from './tokens.ts'

export type AuthDeps = { accounts: Accounts; tokens: Tokens; database: Database }

const NO_STORE = { 'Cache-Control': 'no-store' }

export function mountAuth(route: Route, { accounts, tokens, database }: AuthDeps): void {
  route(operations.signup, async ({ body, req }) => ({
    status: 201,
    body: await accounts.signUp(body, clientAddress(req).text),
  }))

  route(operations.login, async ({ body, req }) => {
    const userId = await accounts.logIn(body.email, body.password, clientAddress(req).text)
    return { status: 200, body: tokens.issue(userId), headers: NO_STORE }
  })

  route(operations.me, async ({ user }) => {
    const account = await accounts.find(user.id)
    if (!account) throw accountDeleted()
    return { status: 200, body: account }
  })

  route(operations.webhookSecret, async ({ user }) =>
    secretReply(await findWebhookSecret(database.query, user.id)),
  )
  route(operations.replaceWebhookSecret, async ({ user }) =>
    secretReply(await replaceWebhookSecret(database.query, user.id)),
  )
}

function secretReply(secret: string | undefined): Reply {
  if (secret === undefined) throw accountDeleted()
  return { status: 200, body: { secret }, headers: NO_STORE }
}
