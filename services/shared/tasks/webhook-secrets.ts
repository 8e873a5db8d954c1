import { randomBytes } from 'node:crypto'
import type { Query } from '../database/database.ts'

/** A new secret in the format of Standard Webhooks: https://www.standardwebhooks.com */
export const newWebhookSecret = (): string => `whsec_${randomBytes(24).toString('base64')}`

/** Creates the user's secret if there is none. Otherwise the row stays unlocked, since claims and logins update it. */
export async function ensureWebhookSecret(query: Query, userId: string): Promise<void> {
  await query('UPDATE users SET webhook_secret = $2 WHERE id = $1 AND webhook_secret IS NULL', [
    userId,
    newWebhookSecret(),
  ])
}

/** The user's secret, created on first use. Undefined when there is no such user. */
export async function findWebhookSecret(query: Query, userId: string): Promise<string | undefined> {
  await ensureWebhookSecret(query, userId)
  const [user] = await query<{ secret: string }>('SELECT webhook_secret AS secret FROM users WHERE id = $1', [
    userId,
  ])
  return user?.secret
}

/** Replaces the user's secret; webhooks are signed with the new one from now on. Undefined when there is no such user. */
export async function replaceWebhookSecret(query: Query, userId: string): Promise<string | undefined> {
  const [user] = await query<{ secret: string }>(
    'UPDATE users SET webhook_secret = $2 WHERE id = $1 RETURNING webhook_secret AS secret',
    [userId, newWebhookSecret()],
  )
  return user?.secret
}
