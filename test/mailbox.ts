import { wireNotifier } from '#batch/notify/wire-notifier.ts'
import { startMailServer } from './mail-server.ts'
import type { TestWeb } from './web-app.ts'

/** Settings of web with which e-mails are sent by batch. */
export const MAIL_ENV = { MAIL_FROM: 'cutroom@example.org' }

/**
 * A mail server, and batch's notifier that sends to it what web has requested. `close` before the database.
 */
export async function openMailbox({ config, database, log }: Pick<TestWeb, 'config' | 'database' | 'log'>) {
  const server = await startMailServer()
  const mail = { ...config.mail, smtpUrl: server.url }
  const notifier = wireNotifier({ config: { ...config, mail }, database, log })

  /** Sends what is due; returns the e-mails that this address got. */
  async function receive(address: string) {
    server.mails.length = 0
    await notifier.sendDue()
    return server.mails
      .filter(({ to }) => to.includes(address))
      .map((mail) => ({ ...mail, text: decodeQuotedPrintable(mail.text) }))
  }

  /** Sends what is due; returns the token in the only e-mail that this address got. */
  async function receiveToken(address: string): Promise<string> {
    const [mail, ...more] = await receive(address)
    const token = /\?token=([\w-]{43})$/m.exec(mail?.text ?? '')?.[1]
    if (!token || more.length > 0)
      throw new Error(`${address} got ${more.length + (mail ? 1 : 0)} e-mails, token ${token}`)
    return token
  }

  async function close() {
    await notifier.close()
    await server.close()
  }

  return { receive, receiveToken, close }
}

/** Undoes what long lines need on their way: https://www.rfc-editor.org/rfc/rfc2045#section-6.7 */
const decodeQuotedPrintable = (text: string) =>
  text
    .replaceAll('=\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))

export type Mailbox = Awaited<ReturnType<typeof openMailbox>>
