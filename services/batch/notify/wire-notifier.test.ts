import { expect, test } from '@jest/globals'
import { recordingLog } from '../jobs/testing/fakes.ts'
import { wireNotifier } from './wire-notifier.ts'

const database = { query: async () => [] }

/** The log lines of wiring a notifier with these mail settings. */
function wireWith(mail: { from: string | undefined; smtpUrl: string | undefined }) {
  const { log, lines } = recordingLog()
  const config = {
    mail,
    sources: { allowHosts: [] },
    publicUrl: 'https://cutroom.test',
    auth: { emailVerification: 'off' as const },
  }
  wireNotifier({ config, database, log })
  return lines.map(({ event }) => event)
}

test('warns when users can ask for e-mails that this instance cannot send', () => {
  expect(wireWith({ from: 'cutroom@example.org', smtpUrl: undefined })).toEqual([
    'MAIL_FROM is set but SMTP_URL is not: e-mails wait for an instance that can send them',
  ])
})

test('does not warn when e-mail is fully configured, or not at all', () => {
  expect(wireWith({ from: 'cutroom@example.org', smtpUrl: 'smtp://127.0.0.1:2525' })).toEqual([])
  expect(wireWith({ from: undefined, smtpUrl: undefined })).toEqual([])
})
