import { operations } from '#shared/contract/operations.ts'
import { findWebhookSecret, replaceWebhookSecret } from '#shared/tasks/webhook-secrets.ts'
import type { Reply, Route } from '../http/operation-router.ts'
import { originOf } from '../http/origin.ts'
import { clientAddress } from '../limits/client-address.ts'
import { accountDeleted } from './account-deleted.ts'
import { actorOf, recordAudit } from './audit/record-audit.ts'
import { type LifecycleDeps, mountAccountLifecycle } from './lifecycle/routes.ts'

export function mountAuth(route: Route, deps: LifecycleDeps): void {
  const { config, accounts, accountMails, database } = deps
  route(operations.signup, async ({ body, req }) => {
    const address = clientAddress(req).text
    if (config.auth.emailVerification === 'required') {
      await accountMails.signup(await accounts.prepareSignUp(body, address))
      return { status: 202, body: { email: body.email, status: 'verification_required' } }
    }
    const account = await accounts.signUp(body, address)
    await recordAudit(database.query, { userId: account.id, action: 'account.created', ...originOf(req) })
    return { status: 201, body: account }
  })

  route(operations.me, async ({ user }) => {
    const account = await accounts.find(user.id)
    if (!account) throw accountDeleted()
    return { status: 200, body: account }
  })

  route(operations.webhookSecret, async ({ user }) =>
    secretReply(await findWebhookSecret(database.query, user.id)),
  )

  route(operations.replaceWebhookSecret, async ({ user, req }) => {
    const secret = await replaceWebhookSecret(database.query, user.id)
    if (secret !== undefined) {
      await recordAudit(database.query, { ...actorOf(req, user), action: 'webhook_secret.replaced' })
    }
    return secretReply(secret)
  })

  mountAccountLifecycle(route, deps)
}

function secretReply(secret: string | undefined): Reply {
  if (secret === undefined) throw accountDeleted()
  return { status: 200, body: { secret } }
}
