import { accountMailRepository } from '#shared/accounts/account-mail-repository.ts'
import type { Config } from '#shared/config.ts'
import type { Database } from '#shared/database/database.ts'
import type { Logger } from '#shared/observability/logger.ts'
import { notificationRepository } from '#shared/tasks/notification-repository.ts'
import { dueDeliveries } from '#shared/webhooks/due-deliveries.ts'
import { createAccountMail } from './account-mail.ts'
import { createEndpointWebhook } from './endpoint-webhook.ts'
import { createMailer } from './mail.ts'
import { createNotifier, type Notifier } from './notifier.ts'
import { createTaskMail } from './task-mail.ts'
import { createWebhook } from './webhook.ts'

/** Longer than any delivery takes: a webhook ends within 10 s, an e-mail within 30 s. */
const LEASE_MS = 60_000

type Deps = {
  config: Pick<Config, 'mail' | 'publicUrl'> & {
    sources: Pick<Config['sources'], 'allowHosts'>
    auth: Pick<Config['auth'], 'emailVerification'>
  }
  database: Pick<Database, 'query'>
  log: Logger
}

/** Builds the notifier: webhooks of tasks and of accounts always, and e-mail about tasks and accounts when SMTP_URL and MAIL_FROM are set. */
export function wireNotifier({ config, database, log }: Deps): Notifier {
  const { publicUrl } = config
  const { smtpUrl, from } = config.mail
  if (from && !smtpUrl) {
    log.warn('MAIL_FROM is set but SMTP_URL is not: e-mails wait for an instance that can send them')
  }
  const mailer = smtpUrl && from ? createMailer({ smtpUrl, from }) : undefined
  const verifiedOnly = config.auth.emailVerification === 'required'
  const tasks = createNotifier({
    rows: notificationRepository(database, { leaseMs: LEASE_MS }),
    senders: {
      webhook: createWebhook({ allowHosts: config.sources.allowHosts }),
      ...(mailer && { email: createTaskMail(mailer, { publicUrl, verifiedOnly }) }),
    },
    log,
  })
  const deliveries = dueDeliveries(database, { leaseMs: LEASE_MS })
  const endpoint = createEndpointWebhook({ allowHosts: config.sources.allowHosts }, deliveries)
  const endpoints = createNotifier({ rows: deliveries, senders: { endpoint }, inSequence: true, log })
  if (!mailer) return sendAll([tasks, endpoints])
  const rows = accountMailRepository(database, { leaseMs: LEASE_MS })
  const account = createAccountMail(mailer, rows, publicUrl)
  return sendAll([createNotifier({ rows, senders: { account }, log }), tasks, endpoints])
}

/** Side by side, so that slow receivers of one kind do not delay the others. */
const sendAll = (notifiers: Notifier[]): Notifier => ({
  async sendDue() {
    const delivered = await Promise.all(notifiers.map((notifier) => notifier.sendDue()))
    return delivered.reduce((sum, count) => sum + count)
  },
  async sendNew() {
    await Promise.all(notifiers.map((notifier) => notifier.sendNew()))
  },
  async close() {
    await Promise.all(notifiers.map((notifier) => notifier.close()))
  },
})
