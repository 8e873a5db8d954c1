import { randomBytes } from 'node:crypto'
import type { Query } from '../database/database.ts'

/** A secret as Standard Webhooks writes it. */
export const newWebhookSecret = (): string => `whsec_${randomBytes(24).toString('base64')}`

/** Gives a user who has none a secret. Takes the row only then: claims and sign-ins want it as well. */
export async function ensureWebhookSecret(query: Query, userId: string): Promise<void> {
  await query('UPDATE users SET webhook_secret = $2 WHERE id = $1 AND webhook_secret IS NULL', [
    userId,
    newWebhookSecret(),
  ])
}

/** The secret of a user, made now if there is none. Undefined: there is no such user. */
export async function findWebhookSecret(query: Query, userId: string): Promise<string | undefined> {
  await ensureWebhookSecret(query, userId)
  const [user] = await query<{ secret: string }>('SELECT webhook_secret AS secret FROM users WHERE id = $1', [
    userId,
  ])
  return user?.secret
}

/** Another secret in place of the user's. What is sent from now on is signed with it. Undefined: no such user. */
export async function replaceWebhookSecret(query: Query, userId: string): Promise<string | undefined> {
  const [user] = await query<{ secret: string }>(
    'UPDATE users SET webhook_secret = $2 WHERE id = $1 RETURNING webhook_secret AS secret',
    [userId, newWebhookSecret()],
  )
  return user?.secret
}
