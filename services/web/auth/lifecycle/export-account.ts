import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Request, Response } from 'express'
import type { ApiKeyRepository } from '#shared/accounts/api-key-repository.ts'
import { AUDIT_COLUMNS, type AuditRow } from '#shared/accounts/audit-events.ts'
import { pagesOf } from '#shared/accounts/pages-of.ts'
import type { SessionRepository } from '#shared/accounts/session-repository.ts'
import type { AccountExport } from '#shared/contract/accounts/lifecycle.ts'
import type { Database, Query } from '#shared/database/database.ts'
import { NOTIFY_COLUMN } from '#shared/tasks/notifications.ts'
import { TASK_COLUMNS, type TaskRow } from '#shared/tasks/rows.ts'
import type { EndpointRepository } from '#shared/webhooks/endpoint-repository.ts'
import type { Principal } from '../../http/principal.ts'
import { toTaskResponse } from '../../tasks/task-response.ts'
import { toWebhook } from '../../webhooks/webhook-response.ts'
import { accountDeleted } from '../account-deleted.ts'
import type { Accounts } from '../accounts.ts'
import { actorOf, recordAudit } from '../audit/record-audit.ts'
import { toAuditEvent } from '../audit/routes.ts'
import { toApiKey } from '../keys/routes.ts'
import { toSession } from '../sessions/routes.ts'

type ExportDeps = {
  config: { publicUrl: string }
  database: Database
  accounts: Accounts
  sessions: Pick<SessionRepository, 'list'>
  keyRows: Pick<ApiKeyRepository, 'list'>
  endpoints: Pick<EndpointRepository, 'list'>
}

/**
 * Replies with the user's account, sessions, keys, webhook endpoints, uploads, tasks and audit log as one JSON document, streamed as
 * it is read.
 */
export async function exportAccount(
  user: Principal,
  { req, res }: { req: Request; res: Response },
  deps: ExportDeps,
): Promise<void> {
  const account = await accountOf(user.id, deps)
  await recordAudit(deps.database.query, { ...actorOf(req, user), action: 'account.exported' })
  const lists = listsOf(user, deps)
  res.status(200).type('application/json').set('Cache-Control', 'no-store').attachment('cutroom-account.json')
  await pipeline(Readable.from(toJson({ account }, lists)), res).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  })
}

async function accountOf(
  userId: string,
  { accounts, database }: ExportDeps,
): Promise<AccountExport['account']> {
  const account = await accounts.find(userId)
  if (!account) throw accountDeleted()
  const [row] = await database.query<{ set: boolean }>(
    'SELECT webhook_secret IS NOT NULL AS set FROM users WHERE id = $1',
    [userId],
  )
  return { ...account, webhook_secret_set: row?.set ?? false }
}

type Lists = { [List in Exclude<keyof AccountExport, 'account'>]: AsyncIterable<AccountExport[List]> }

const listsOf = (
  user: Principal,
  { config, database: { query }, sessions, keyRows, endpoints }: ExportDeps,
): Lists => ({
  sessions: onePage(async () => (await sessions.list(user.id)).map((row) => toSession(row, user.sessionId))),
  keys: onePage(async () => (await keyRows.list(user.id)).map(toApiKey)),
  webhooks: onePage(async () => (await endpoints.list(user.id)).map(toWebhook)),
  uploads: uploadsOf(query, user.id),
  tasks: tasksOf(query, user.id, config.publicUrl),
  audit_events: auditEventsOf(query, user.id),
})

/** For a list whose length is limited. */
async function* onePage<T>(read: () => Promise<T[]>): AsyncGenerator<T[]> {
  const items = await read()
  if (items.length > 0) yield items
}

async function* auditEventsOf(query: Query, userId: string) {
  for await (const rows of pagesOf<AuditRow>(query, userId, {
    table: 'audit_events',
    columns: AUDIT_COLUMNS,
  })) {
    yield rows.map(toAuditEvent)
  }
}

type UploadRow = { id: string; filename: string; content_type: string; created_at: Date; expires_at: Date }

async function* uploadsOf(query: Query, userId: string) {
  const columns = 'id, filename, content_type, created_at, expires_at'
  for await (const rows of pagesOf<UploadRow>(query, userId, { table: 'uploads', columns })) {
    yield rows.map((row) => ({
      ...row,
      created_at: row.created_at.toISOString(),
      expires_at: row.expires_at.toISOString(),
    }))
  }
}

async function* tasksOf(query: Query, userId: string, publicUrl: string) {
  const columns = `${TASK_COLUMNS}, ${NOTIFY_COLUMN}`
  for await (const rows of pagesOf<TaskRow>(query, userId, { table: 'tasks', columns })) {
    yield rows.map((row) => toTaskResponse(row, publicUrl))
  }
}

/** The text of an object with these values and, after them, these lists, each of which arrives in pages. */
async function* toJson(
  values: object,
  lists: Record<string, AsyncIterable<unknown[]>>,
): AsyncGenerator<string> {
  yield JSON.stringify(values).slice(0, -1)
  for (const [name, pages] of Object.entries(lists)) {
    yield `,${JSON.stringify(name)}:[`
    let separator = ''
    for await (const page of pages) {
      yield separator + page.map((item) => JSON.stringify(item)).join(',')
      separator = ','
    }
    yield ']'
  }
  yield '}'
}
