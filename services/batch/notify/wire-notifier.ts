import { notificationRepository } from '#shared/tasks/notification-repository.ts'
import type { BatchServices } from '../deps.ts'
import { createMail } from './mail.ts'
import { createNotifier, type Notifier } from './notifier.ts'
import { createWebhook } from './webhook.ts'

/** Longer than any delivery takes: a webhook ends within 10 s, an e-mail within 30 s. */
const LEASE_MS = 60_000

/** Builds the notifier with the channels that are configured: webhooks always, e-mail when SMTP_URL and MAIL_FROM are set. */
export function wireNotifier({
  config,
  database,
  log,
}: Pick<BatchServices, 'config' | 'log'> & { database: Pick<BatchServices['database'], 'query'> }): Notifier {
  const { smtpUrl, from } = config.mail
  if (from && !smtpUrl) {
    log.warn('MAIL_FROM is set but SMTP_URL is not: e-mails wait for an instance that can send them')
  }
  return createNotifier({
    rows: notificationRepository(database, { leaseMs: LEASE_MS }),
    senders: {
      webhook: createWebhook({ allowHosts: config.sources.allowHosts }),
      ...(smtpUrl && from && { email: createMail({ smtpUrl, from, publicUrl: config.publicUrl }) }),
    },
    log,
  })
}
