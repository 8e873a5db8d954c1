import type { Request } from 'express'
import type { Credential } from '#shared/accounts/require-credential.ts'
import type { Config } from '#shared/config.ts'
import type { AuditAction } from '#shared/contract/accounts/audit.ts'
import { type OperationId, operations } from '#shared/contract/operations.ts'
import type { Database } from '#shared/database/database.ts'
import { decodeCursor, encodeCursor } from '#shared/tasks/cursor.ts'
import type { EndpointRepository, EndpointRow } from '#shared/webhooks/endpoint-repository.ts'
import { actorOf, recordAudit } from '../auth/audit/record-audit.ts'
import { invalidRequest } from '../http/field-errors.ts'
import { notFound } from '../http/not-found.ts'
import type { Route } from '../http/operation-router.ts'
import type { Principal } from '../http/principal.ts'
import { recipientRejection } from '../tasks/check-notify.ts'
import { toDelivery, toWebhook } from './webhook-response.ts'

export type WebhooksDeps = { endpoints: EndpointRepository; database: Database; config: Config }

const callerOf = (user: Principal): Credential => ({ ...user, userId: user.id })

/** Mounts the webhook endpoints of an account. Batch delivers to them. */
export function mountWebhooks(route: Route, { endpoints, database, config }: WebhooksDeps): void {
  function requireAllowed(operation: OperationId, url: string) {
    const reason = recipientRejection(new URL(url), config.sources.allowHosts)
    if (reason) throw invalidRequest(operation, [{ path: 'url', message: reason }])
  }

  const audit = (req: Request, user: Principal, action: AuditAction, { id, url }: EndpointRow) =>
    recordAudit(database.query, {
      ...actorOf(req, user),
      action,
      details: { webhook_id: id, host: new URL(url).host },
    })

  route(operations.createWebhook, async ({ user, body, req }) => {
    requireAllowed('createWebhook', body.url)
    const { secret, ...row } = await endpoints.create(callerOf(user), body)
    await audit(req, user, 'webhook.created', row)
    return { status: 201, body: { ...toWebhook(row), secret } }
  })

  route(operations.listWebhooks, async ({ user }) => {
    const rows = await endpoints.list(user.id)
    return { status: 200, body: { webhooks: rows.map(toWebhook) } }
  })

  route(operations.getWebhook, async ({ user, params }) => ({
    status: 200,
    body: toWebhook(found(await endpoints.find(user.id, params.id))),
  }))

  route(operations.replaceWebhook, async ({ user, params, body, req }) => {
    requireAllowed('replaceWebhook', body.url)
    const row = found(await endpoints.replace(callerOf(user), params.id, body))
    await audit(req, user, 'webhook.changed', row)
    return { status: 200, body: toWebhook(row) }
  })

  route(operations.deleteWebhook, async ({ user, params, req }) => {
    const row = found(await endpoints.remove(user.id, params.id))
    await audit(req, user, 'webhook.deleted', row)
    return { status: 204 }
  })

  route(operations.rotateWebhookSecret, async ({ user, params, body, req }) => {
    const { secret, ...row } = found(await endpoints.rotate(callerOf(user), params.id, body.overlap_seconds))
    await audit(req, user, 'webhook_secret.replaced', row)
    return { status: 200, body: { ...toWebhook(row), secret } }
  })

  route(operations.testWebhook, async ({ user, params }) => ({
    status: 202,
    body: toDelivery(found(await endpoints.test(user.id, params.id))),
  }))

  route(operations.listDeliveries, async ({ user, params, query: { max, page } }) => {
    const { id } = found(await endpoints.find(user.id, params.id))
    const after = page === undefined ? undefined : decodeCursor(page)
    const { rows, next } = await endpoints.deliveries(id, { max, after })
    return {
      status: 200,
      body: { deliveries: rows.map(toDelivery), next_page: next ? encodeCursor(next) : null },
    }
  })

  route(operations.resendDelivery, async ({ user, params }) => {
    found(await endpoints.find(user.id, params.id))
    const row = await endpoints.resendOne(user.id, params.id, params.delivery_id)
    if (!row) throw notFound('delivery.not_found')
    return { status: 202, body: toDelivery(row) }
  })

  route(operations.resendDeliveries, async ({ user, params, body }) => {
    found(await endpoints.find(user.id, params.id))
    return { status: 202, body: await endpoints.resendMany(user.id, params.id, body) }
  })
}

function found<Row>(row: Row | undefined): Row {
  if (row === undefined) throw notFound('webhook.not_found')
  return row
}
