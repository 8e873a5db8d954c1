import type { Config } from '#shared/config.ts'
import type { Database } from '#shared/database/database.ts'
import type { Logger } from '#shared/observability/logger.ts'
import { notificationRepository } from '#shared/tasks/notification-repository.ts'
import { createMail } from './mail.ts'
import { createNotifier, type Notifier } from './notifier.ts'
import { createWebhook } from './webhook.ts'

/** Longer than any delivery takes: a webhook ends within 10 s, an e-mail within 30 s. */
const LEASE_MS = 60_000

type Deps = {
  config: Pick<Config, 'mail' | 'publicUrl'> & { sources: Pick<Config['sources'], 'allowHosts'> }
  database: Pick<Database, 'query'>
  log: Logger
}

/** Builds the notifier: webhooks always, and e-mail when SMTP_URL and MAIL_FROM are set. */
export function wireNotifier({ config, database, log }: Deps): Notifier {
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
