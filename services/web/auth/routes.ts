import { operations } from '#shared/contract/operations.ts'
import { findWebhookSecret, replaceWebhookSecret } from '#shared/tasks/webhook-secrets.ts'
import type { WebDeps } from '../deps.ts'
import type { Mount, Reply } from '../http/operation-router.ts'
import { accountGone } from './require-user.ts'

export function mountAuth(mount: Mount, { accounts, tokens, database }: WebDeps): void {
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

  mount(operations.webhookSecret, async ({ user }) =>
    showSecret(await findWebhookSecret(database.query, user.id)),
  )
  mount(operations.replaceWebhookSecret, async ({ user }) =>
    showSecret(await replaceWebhookSecret(database.query, user.id)),
  )
}

function showSecret(secret: string | undefined): Reply {
  if (secret === undefined) throw accountGone()
  return { status: 200, body: { secret }, headers: { 'Cache-Control': 'no-store' } }
}
