import { createTransport } from 'nodemailer'
import { notTaken, rejected } from './errors.ts'
import { mailOf } from './message.ts'
import type { Sender } from './notifier.ts'

export type MailSettings = { smtpUrl: string; from: string; publicUrl: string }

/** Milliseconds for the connection, for the greeting, and of silence; and for a whole mail. */
const patienceMs = 10_000
const limitMs = 30_000

/**
 * Sends plain text to the account's address. Its Message-ID is the notification's id, by which mail programs know
 * a repeat. Throws `notify.rejected` for a mailbox that will not have it, `notify.failed` for everything else.
 */
export function createMail({ smtpUrl, from, publicUrl }: MailSettings): Sender {
  const transport = createTransport({
    url: smtpUrl,
    connectionTimeout: patienceMs,
    greetingTimeout: patienceMs,
    socketTimeout: patienceMs,
    dnsTimeout: patienceMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const domain = from.slice(from.lastIndexOf('@') + 1)
  return async (due, signal) => {
    const broken = brokenOff(AbortSignal.any([signal, AbortSignal.timeout(limitMs)]))
    try {
      const sent = transport.sendMail({
        ...mailOf(due, publicUrl),
        from: { name: 'Cutroom', address: from },
        to: { name: '', address: due.email },
        messageId: `<${due.id}@${domain}>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
      })
      await Promise.race([sent, broken])
    } catch (error) {
      throw asFault(error)
    }
  }
}

/** A mail server's 5xx to the recipient is final (RFC 5321, 4.2.1); one about us is for the operator to mend. */
function asFault(error: unknown) {
  const { responseCode, command } = error as { responseCode?: number; command?: string }
  const why = `the mail server ${responseCode === undefined ? 'did not answer' : `answered ${responseCode}`}`
  return command === 'RCPT TO' && (responseCode ?? 0) >= 500 ? rejected(why, error) : notTaken(why, error)
}

/** Rejects once the signal says so. The transport knows no signals; its own limits end what it has begun. */
function brokenOff(signal: AbortSignal): Promise<never> {
  const broken = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    if (signal.aborted) reject(signal.reason)
  })
  broken.catch(() => undefined)
  return broken
}
