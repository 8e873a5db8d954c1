import { createTransport } from 'nodemailer'
import { deliveryFailed, deliveryRejected } from './errors.ts'

export type MailSettings = { smtpUrl: string; from: string }

/** A plain-text e-mail. Mail programs recognise a repeat by its id. */
export type Mail = { id: string; to: string; subject: string; text: string }

/**
 * Sends an e-mail; resolves when the mail server has accepted it. Throws `notify.rejected` when the server rejects the mailbox,
 * and `notify.failed` for everything else.
 */
export type Mailer = (mail: Mail, signal: AbortSignal) => Promise<void>

/** Limit for the connection, the greeting, the DNS lookup and a silent socket, each. */
const SOCKET_TIMEOUT_MS = 10_000
/** Limit for a whole e-mail. */
const SEND_TIMEOUT_MS = 30_000

export function createMailer({ smtpUrl, from }: MailSettings): Mailer {
  const transport = createTransport({
    url: smtpUrl,
    connectionTimeout: SOCKET_TIMEOUT_MS,
    greetingTimeout: SOCKET_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    dnsTimeout: SOCKET_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const domain = from.slice(from.lastIndexOf('@') + 1)
  return async ({ id, to, subject, text }, signal) => {
    const aborted = rejectOnAbort(AbortSignal.any([signal, AbortSignal.timeout(SEND_TIMEOUT_MS)]))
    try {
      const sent = transport.sendMail({
        subject,
        text,
        from: { name: 'Cutroom', address: from },
        to: { name: '', address: to },
        messageId: `<${id}@${domain}>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
      })
      await Promise.race([sent, aborted])
    } catch (error) {
      throw toDeliveryError(error)
    }
  }
}

/** A 5xx reply to the recipient is final (RFC 5321, 4.2.1). A 5xx about the sender is for the operator to fix. */
function toDeliveryError(error: unknown) {
  const { responseCode, command } = error as { responseCode?: number; command?: string }
  const reason = `the mail server ${responseCode === undefined ? 'did not respond' : `replied ${responseCode}`}`
  const isFinal = command === 'RCPT TO' && (responseCode ?? 0) >= 500
  return isFinal ? deliveryRejected(reason, error) : deliveryFailed(reason, error)
}

/** Rejects when the signal is aborted. nodemailer takes no signals; its own timeouts end what it has begun. */
function rejectOnAbort(signal: AbortSignal): Promise<never> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    if (signal.aborted) reject(signal.reason)
  })
  aborted.catch(() => undefined)
  return aborted
}
