import { createServer, type Server } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { startMailServer } from '#test/mail-server.ts'
import { createMailer } from './mail.ts'
import { toMailText } from './message.ts'
import { createTaskMail } from './task-mail.ts'
import { due, outputNamed } from './testing/fixtures.ts'

const cleanUps: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp()
})
const never = new AbortController().signal
const publicUrl = 'https://cutroom.test'

async function setUp(rejectWith?: number) {
  const server = await startMailServer(rejectWith)
  cleanUps.push(server.close)
  return { ...server, mail: taskMail(server.url) }
}
const taskMail = (smtpUrl: string, { verifiedOnly = false } = {}) =>
  createTaskMail(createMailer({ smtpUrl, from: 'cutroom@example.org' }), { publicUrl, verifiedOnly })

test('an e-mail arrives as plain text, with the same Message-ID on every repeat', async () => {
  const { mail, mails } = await setUp()
  await mail(due({ channel: 'email', target: null }), never)
  await mail(due({ channel: 'email', target: null }), never)
  expect(mails).toHaveLength(2)
  expect(mails[0]).toMatchObject({ from: 'cutroom@example.org', to: ['ada@example.org'] })
  expect(mails[0]?.text).toBe(toMailText(due(), publicUrl).text)
  const ids = mails.map(({ header }) => /^Message-ID: (.*)$/m.exec(header)?.[1])
  expect(ids).toEqual(Array(2).fill('<44444444-4444-4444-8444-444444444444@example.org>'))
  expect(mails[0]?.header).toMatch(/^Content-Type: text\/plain; charset=utf-8$/m)
})

test('no name can inject a header, a recipient or a second body', async () => {
  const { mail, mails } = await setUp()
  const evil = 'x\r\nBcc: eve@example.org\r\n\r\nSee https://evil.example'
  await mail(
    due({
      username: evil,
      outputs: [outputNamed(evil)],
      error: { code: evil, message: evil },
      email: 'ada@example.org',
    }),
    never,
  )
  const [{ header, to } = { header: '', to: [] }] = mails
  expect(to).toEqual(['ada@example.org'])
  const names = header.split('\n').map((line) => line.split(':')[0])
  expect(names.sort()).toEqual(
    [
      'Auto-Submitted',
      'Content-Transfer-Encoding',
      'Content-Type',
      'Date',
      'From',
      'MIME-Version',
      'Message-ID',
      'Subject',
      'To',
    ].sort(),
  )
})

test.each(['ada@example.org\r\nBcc: eve@example.org', 'ada@example.org, eve@example.org'])(
  'an address that contains a second one, %j, does not reach the second',
  async (email) => {
    const { mail, mails } = await setUp()
    await mail(due({ email }), never).catch(() => undefined)
    expect(mails.flatMap(({ to }) => to)).not.toContain('eve@example.org')
  },
)

test.each([
  [550, 'notify.rejected', false],
  [450, 'notify.failed', true],
])('a reply of %d to the recipient is %s', async (status, code, retry) => {
  const { mail, mails } = await setUp(status)
  await expect(mail(due(), never)).rejects.toMatchObject({ code, retry })
  expect(mails).toEqual([])
})

test('an unreachable mail server is retried, and the error message names nobody', async () => {
  const { url, close } = await startMailServer()
  await close()
  const failure = await taskMail(url)(due(), never).catch((error) => error)
  expect(failure).toMatchObject({ code: 'notify.failed', retry: true })
  expect(failure.message).not.toMatch(/127\.0\.0\.1|ada@/)
})

test('shutting down does not wait for a mail server', async () => {
  const silent: Server = createServer().listen(0, '127.0.0.1')
  const sockets = new Set<{ destroy(): void }>()
  silent.on('connection', (socket) => sockets.add(socket))
  cleanUps.push(() => {
    for (const socket of sockets) socket.destroy()
    silent.close()
  })
  await new Promise((resolve) => silent.once('listening', resolve))
  const { port } = silent.address() as { port: number }
  const mail = taskMail(`smtp://127.0.0.1:${port}`)
  const stopping = new AbortController()
  silent.once('connection', () => stopping.abort())
  await expect(mail(due(), stopping.signal)).rejects.toMatchObject({ code: 'notify.failed' })
})

test('where addresses must be verified, no e-mail goes to one that is not', async () => {
  const { url, mails } = await setUp()
  const mail = taskMail(url, { verifiedOnly: true })
  await expect(mail(due({ isVerified: false }), never)).rejects.toMatchObject({
    code: 'notify.unverified',
    retry: false,
  })
  await mail(due({ isVerified: true }), never)
  expect(mails).toHaveLength(1)
})
