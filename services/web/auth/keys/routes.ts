import type { ApiKeyRepository, ApiKeyRow } from '#shared/accounts/api-key-repository.ts'
import type { ApiKey } from '#shared/contract/accounts/api-keys.ts'
import { operations } from '#shared/contract/operations.ts'
import type { Database } from '#shared/database/database.ts'
import { notFound } from '../../http/not-found.ts'
import type { Route } from '../../http/operation-router.ts'
import { actorOf, recordAudit } from '../audit/record-audit.ts'
import type { ApiKeys } from './api-keys.ts'

export type KeysDeps = { keys: ApiKeys; keyRows: ApiKeyRepository; database: Database }

export function mountKeys(route: Route, { keys, keyRows, database }: KeysDeps): void {
  route(operations.createKey, async ({ user, body, req }) => {
    const { row, key } = await keys.create(user, body)
    await recordAudit(database.query, { ...actorOf(req, user), action: 'key.created', details: namesOf(row) })
    return { status: 201, body: { ...toApiKey(row), key } }
  })

  route(operations.listKeys, async ({ user }) => {
    const rows = await keyRows.list(user.id)
    return { status: 200, body: { keys: rows.map(toApiKey) } }
  })

  route(operations.revokeKey, async ({ user, params, req }) => {
    const row = await keyRows.revoke(user.id, params.id)
    if (!row) throw notFound('key.not_found')
    await recordAudit(database.query, { ...actorOf(req, user), action: 'key.revoked', details: namesOf(row) })
    return { status: 204 }
  })
}

/** A key as the API returns it. */
export const toApiKey = (row: ApiKeyRow): ApiKey => ({
  id: row.id,
  name: row.name,
  prefix: row.prefix,
  scopes: row.scopes,
  created_at: row.createdAt.toISOString(),
  last_used_at: row.lastUsedAt?.toISOString() ?? null,
  expires_at: row.expiresAt?.toISOString() ?? null,
})

/** What identifies a key in the audit log. */
const namesOf = ({ id, name, prefix, scopes }: ApiKeyRow) => ({ key_id: id, name, prefix, scopes })
