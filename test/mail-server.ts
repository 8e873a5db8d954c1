import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

/** An e-mail as received: the SMTP envelope, and header and text with LF line endings. */
type ReceivedMail = { from: string; to: string[]; header: string; text: string }

export type MailServer = { url: string; mails: ReceivedMail[]; close(): Promise<void> }

/** Starts an SMTP server on a loopback port that keeps every e-mail. `rejectWith`: the reply code to all recipients. */
export async function startMailServer(rejectWith?: number): Promise<MailServer> {
  const mails: ReceivedMail[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo(_address, _session, done) {
      done(
        rejectWith === undefined
          ? null
          : Object.assign(new Error('no such mailbox'), { responseCode: rejectWith }),
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
