import { CutroomError } from '#shared/errors.ts'
import type { DueNotification } from '#shared/tasks/notification-repository.ts'
import type { Mailer } from './mail.ts'
import { toMailText } from './message.ts'
import type { Sender } from './notifier.ts'

/**
 * Sends e-mails about tasks to the accounts' addresses. `verifiedOnly` refuses addresses that nobody has verified with
 * `notify.unverified`, also for tasks from a time when web did not ask for that.
 */
export function createTaskMail(
  mailer: Mailer,
  { publicUrl, verifiedOnly }: { publicUrl: string; verifiedOnly: boolean },
): Sender<DueNotification> {
  return async (due, signal) => {
    if (verifiedOnly && !due.isVerified) throw unverified()
    await mailer({ id: due.id, to: due.email, ...toMailText(due, publicUrl) }, signal)
  }
}

const unverified = () =>
  new CutroomError(
    'notify.unverified',
    "The e-mail was not sent: the account's address has not been verified.",
  )
