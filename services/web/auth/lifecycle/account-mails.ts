import { emailKey } from '#shared/accounts/account-keys.ts'
import { issueMailToken, tokenLink } from '#shared/accounts/mail-tokens.ts'
import {
  type PendingSignup,
  type RequestedMail,
  requestResetMail,
  requestSignupMail,
  requestVerificationMail,
} from '#shared/accounts/request-mail.ts'
import type { Config } from '#shared/config.ts'
import type { Database } from '#shared/database/database.ts'
import type { Logger } from '#shared/observability/logger.ts'

/**
 * Has e-mails about accounts sent: by batch, or, on a local installation without a mail server, by writing the link to the log.
 * None of the calls reveals whether there is such an account, and a mailbox gets at most five e-mails in an hour.
 */
export type AccountMails = {
  /** Verifies a sign-up, or informs the owner of the account that has the address. */
  signup(pending: PendingSignup): Promise<void>
  verification(email: string): Promise<void>
  reset(email: string): Promise<void>
}

type Deps = {
  config: Pick<Config, 'mail' | 'publicUrl'>
  database: Pick<Database, 'query'>
  log: Logger
}

export function createAccountMails({ config, database: { query }, log }: Deps): AccountMails {
  const sendsMail = config.mail.from !== undefined

  async function deliver(mail: RequestedMail | undefined): Promise<void> {
    if (!mail || sendsMail) return
    if (!isLocal(config.publicUrl)) {
      log.warn('an e-mail about an account was not sent: MAIL_FROM is not set', { kind: mail.kind })
    } else if (mail.kind === 'existing_account') {
      log.info('someone signed up with the address of an existing account')
    } else {
      const token = await issueMailToken(query, mail)
      log.info(`${mail.kind} link`, { url: tokenLink(config.publicUrl, mail.kind, token ?? '') })
    }
  }

  return {
    signup: async (pending) => deliver(await requestSignupMail(query, pending, sendsMail)),
    verification: async (email) => deliver(await requestVerificationMail(query, emailKey(email), sendsMail)),
    reset: async (email) => deliver(await requestResetMail(query, emailKey(email), sendsMail)),
  }
}

/** Only then is who reads the log the owner of all accounts anyway. */
const isLocal = (publicUrl: string) =>
  ['localhost', '127.0.0.1', '[::1]'].includes(new URL(publicUrl).hostname)
