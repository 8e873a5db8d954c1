import type { Config } from '#shared/config.ts'
import type { Notify } from '#shared/contract/notify.ts'
import { CutroomError } from '#shared/errors.ts'
import { isAllowedHost, rejectionReason } from '#shared/net/public-address.ts'
import type { Accounts } from '../auth/accounts.ts'
import { invalidRequest } from '../http/field-errors.ts'

/**
 * Checks that the requested notifications can be sent. A webhook URL has to pass the checks of a source URL and use
 * https, unless its host is in `sources.allowHosts`; batch checks the resolved address when it connects.
 * @throws CutroomError `notify.no_mail` for e-mail without a mail server, `request.invalid` for a refused webhook.
 */
export function checkNotify(
  notify: Notify | undefined,
  { mail, sources }: Pick<Config, 'mail' | 'sources'>,
): void {
  if (notify?.email && !mail.from) {
    throw new CutroomError(
      'notify.no_mail',
      'E-mail cannot be sent because no mail server is configured; omit notify.email or use a webhook.',
      { fields: [{ path: 'notify.email', message: 'no mail server is configured' }] },
    )
  }
  const reason = notify?.webhook && recipientRejection(new URL(notify.webhook), sources.allowHosts)
  if (reason) throw invalidRequest('createTask', [{ path: 'notify.webhook', message: reason }])
}

/**
 * Checks that the user may have e-mails sent: where addresses must be verified, only to one that is.
 * @throws CutroomError `notify.unverified`.
 */
export async function requireVerifiedAddress(
  userId: string,
  notify: Notify | undefined,
  { config, accounts }: { config: Pick<Config, 'auth'>; accounts: Pick<Accounts, 'find'> },
): Promise<void> {
  if (!notify?.email || config.auth.emailVerification === 'off') return
  const user = await accounts.find(userId)
  if (user?.email_verified) return
  throw new CutroomError(
    'notify.unverified',
    'E-mail is sent to verified addresses only; verify yours with POST /auth/verification, or use a webhook.',
    { fields: [{ path: 'notify.email', message: 'the address of the account has not been verified' }] },
  )
}

/** Why nothing may be sent to a URL that a user chose; undefined when it may. */
export function recipientRejection(url: URL, allowHosts: readonly string[]): string | undefined {
  if (url.protocol !== 'https:' && !isAllowedHost(url, allowHosts)) return 'must be an https URL'
  return rejectionReason(url, allowHosts)
}
