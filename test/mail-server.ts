import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

/** A mail as it came over the wire: the envelope, and header and text with LF line ends. */
export type CaughtMail = { from: string; to: string[]; header: string; text: string }

export type MailServer = { url: string; mails: CaughtMail[]; close(): Promise<void> }

/** A real SMTP server on a loopback port that keeps every mail. `refuse`: the code for recipients it will not have. */
export async function startMailServer(refuse?: number): Promise<MailServer> {
  const mails: CaughtMail[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo(_address, _session, done) {
      done(
        refuse === undefined ? null : Object.assign(new Error('no such mailbox'), { responseCode: refuse }),
      )
    },
    onData(stream, { envelope }, done) {
      let raw = ''
      stream.setEncoding('utf8')
      stream.on('data', (chunk: string) => (raw += chunk))
      stream.on('end', () => {
        const [header = '', ...rest] = raw.replaceAll('\r\n', '\n').split('\n\n')
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address
        mails.push({
          from,
          to: envelope.rcptTo.map(({ address }) => address),
          header,
          text: rest.join('\n\n'),
        })
        done()
      })
    },
  })
  server.on('error', () => undefined)
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const { port } = listening.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    close: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  }
}
