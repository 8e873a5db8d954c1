import type { Config } from '#shared/config.ts'
import type { Notify } from '#shared/contract/notify.ts'
import { CutroomError } from '#shared/errors.ts'
import { isAllowedHost, rejectionReason } from '#shared/net/public-address.ts'

/**
 * Whether a task's owner can be told as asked. A webhook's address passes the checks of a source's, and is https
 * unless its host is excused from them. Its name is not looked up here: batch does that when it connects.
 * Throws `notify.no_mail`, or `request.invalid` naming the field.
 */
export function checkNotify(
  notify: Notify | undefined,
  { mail, sources }: Pick<Config, 'mail' | 'sources'>,
): void {
  if (notify?.email && !mail.from) {
    throw new CutroomError(
      'notify.no_mail',
      'This service has no mail server: leave notify.email out, or name a webhook.',
      { fields: [{ path: 'notify.email', message: 'this service sends no mail' }] },
    )
  }
  const objection = notify?.webhook && objectionToWebhook(new URL(notify.webhook), sources.allowHosts)
  if (objection) {
    const fields = [{ path: 'notify.webhook', message: objection }]
    throw new CutroomError('request.invalid', `createTask was refused: notify.webhook: ${objection}`, {
      fields,
    })
  }
}

function objectionToWebhook(url: URL, allowHosts: readonly string[]): string | undefined {
  if (url.protocol !== 'https:' && !isAllowedHost(url, allowHosts)) return 'give an https address'
  return rejectionReason(url, allowHosts)
}
