import type { AccountMailRepository, DueAccountMail } from '#shared/accounts/account-mail-repository.ts'
import { toAccountMailText } from './account-message.ts'
import type { Mailer } from './mail.ts'
import type { Sender } from './notifier.ts'

/**
 * Sends e-mails about accounts. Each attempt gets a token of its own, which is stored nowhere, and makes the earlier ones invalid;
 * so each is an e-mail of its own as well, lest a mail program shows only the first.
 */
export function createAccountMail(
  mailer: Mailer,
  rows: Pick<AccountMailRepository, 'issueToken'>,
  publicUrl: string,
): Sender<DueAccountMail> {
  return async (due, signal) => {
    const token = await rows.issueToken(due)
    const text = toAccountMailText(due, { publicUrl, token })
    await mailer({ id: `${due.id}.${due.attempt}`, to: due.email, ...text }, signal)
  }
}
