import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import type { Logger } from '#shared/observability/logger.ts'
import { expectFieldErrors, expectProblem, expectReply } from '#test/expect-reply.ts'
import { MAIL_ENV, type Mailbox, openMailbox } from '#test/mailbox.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'
import { createAccountMails } from './account-mails.ts'

const { login, requestPasswordReset, confirmPasswordReset, changePassword } = operations
const NEW = 'an entirely new one'

let web: TestWeb
let mailbox: Mailbox
beforeAll(async () => {
  web = await openTestWeb({ env: MAIL_ENV })
  mailbox = await openMailbox(web)
})
afterEach(() => {
  expect(web.log.takeErrors()).toEqual([])
})
afterAll(async () => {
  await mailbox.close()
  await web.close()
})

const logIn = (email: string, password: string) => web.agent.post('/auth/login').send({ email, password })
const request = (email: string) => web.agent.post('/auth/password-reset').send({ email })
const confirm = (token: string, new_password = NEW) =>
  web.agent.post('/auth/password-reset/confirm').send({ token, new_password })
const change = (user: TestUser, body: object) =>
  web.agent.post('/auth/password').set('Authorization', web.bearer(user)).send(body)

test('the owner of the address sets a new password with the token from the e-mail, once', async () => {
  const { email, password } = await web.signUp()
  expectReply(requestPasswordReset, await request(email.toUpperCase()), 202)
  const token = await mailbox.receiveToken(email)
  expectReply(confirmPasswordReset, await confirm(token), 204)
  expectProblem(login, await logIn(email, password), 'auth.wrong_credentials')
  expectReply(login, await logIn(email, NEW), 200)
  expectProblem(confirmPasswordReset, await confirm(token, 'yet another one'), 'auth.link_invalid')
})

test('the reply is the same for an unknown address, which gets no e-mail', async () => {
  const email = 'nobody@example.com'
  expect(expectReply(requestPasswordReset, await request(email), 202)).toEqual({
    email,
    status: 'mail_requested',
  })
  expect(await mailbox.receive(email)).toEqual([])
})

test('one token used makes the others invalid, and an expired one is invalid', async () => {
  const { email } = await web.signUp()
  await request(email)
  const first = await mailbox.receiveToken(email)
  await request(email)
  const second = await mailbox.receiveToken(email)
  await web.database.query("UPDATE account_mails SET expires_at = now() - interval '1 s' WHERE email = $1", [
    email,
  ])
  expectProblem(confirmPasswordReset, await confirm(first), 'auth.link_invalid')
  await web.database.query("UPDATE account_mails SET expires_at = now() + interval '1 h' WHERE email = $1", [
    email,
  ])
  expectReply(confirmPasswordReset, await confirm(first), 204)
  expectProblem(confirmPasswordReset, await confirm(second), 'auth.link_invalid')
})

test('a password that the policy refuses does not use up the token', async () => {
  const { email } = await web.signUp()
  await request(email)
  const token = await mailbox.receiveToken(email)
  expectFieldErrors(confirmPasswordReset, await confirm(token, 'password'), ['new_password'])
  expectReply(confirmPasswordReset, await confirm(token), 204)
})

test('a repeated attempt to send sends a new token, and the earlier one is invalid', async () => {
  const { email } = await web.signUp()
  await request(email)
  const lost = await mailbox.receiveToken(email)
  await web.database.query('UPDATE account_mails SET due_at = now() WHERE email = $1', [email])
  const token = await mailbox.receiveToken(email)
  expectProblem(confirmPasswordReset, await confirm(lost), 'auth.link_invalid')
  expectReply(confirmPasswordReset, await confirm(token), 204)
})

test('a reset verifies the address, and takes webhooks from whoever had the account before', async () => {
  const user = await web.signUp()
  const secret = () => web.agent.get('/auth/webhook-secret').set('Authorization', web.bearer(user))
  const { secret: known } = (await secret()).body
  const endpoint = { url: 'https://example.com/hook', types: ['task.created'] }
  const addEndpoint = async (token: string) =>
    expectReply(
      operations.createWebhook,
      await web.agent.post('/webhooks').set('Authorization', `Bearer ${token}`).send(endpoint),
      201,
    )
  await addEndpoint(user.token)
  await request(user.email)
  await confirm(await mailbox.receiveToken(user.email))
  const [row] = await web.database.query(
    'SELECT email_verified_at IS NOT NULL AS verified, webhook_secret FROM users WHERE id = $1',
    [user.id],
  )
  expect(row).toEqual({ verified: true, webhook_secret: null })
  expect(known).toMatch(/^whsec_/)
  const endpoints = () => web.database.query('SELECT FROM webhook_endpoints WHERE user_id = $1', [user.id])
  expect(await endpoints()).toEqual([])

  // Now that it is verified, the account is its owner's.
  await addEndpoint(expectReply(login, await logIn(user.email, NEW), 200).token)
  await request(user.email)
  await confirm(await mailbox.receiveToken(user.email))
  expect(await endpoints()).toHaveLength(1)
})

/** Another login of the user, and an API key. */
async function moreAccess(user: TestUser) {
  const other = expectReply(login, await logIn(user.email, user.password), 200)
  const key = await web.agent
    .post('/auth/keys')
    .set('Authorization', web.bearer(user))
    .send({ name: 'a key', scopes: ['account'] })
  return { other: other.token, key: key.body.key as string }
}
const statusOf = async (token: string) =>
  (await web.agent.get('/auth/me').set('Authorization', `Bearer ${token}`)).status
const actionsOf = async (userId: string) => {
  const rows = await web.database.query<{ action: string }>(
    'SELECT action FROM audit_events WHERE user_id = $1 ORDER BY created_at DESC, action LIMIT 2',
    [userId],
  )
  return rows.map(({ action }) => action)
}

test('a change of the password ends the other sessions and nothing else, and is audited', async () => {
  const user = await web.signUp()
  const { other, key } = await moreAccess(user)
  await change(user, { current_password: user.password, new_password: NEW })
  expect([await statusOf(user.token), await statusOf(other), await statusOf(key)]).toEqual([200, 401, 200])
  expect(await actionsOf(user.id)).toContain('password.changed')
})

test('a reset ends all sessions and API keys, and is audited', async () => {
  const user = await web.signUp()
  const { other, key } = await moreAccess(user)
  await request(user.email)
  await confirm(await mailbox.receiveToken(user.email))
  const sessions = await web.database.query('SELECT FROM sessions WHERE user_id = $1', [user.id])
  expect(sessions).toEqual([])
  expect([await statusOf(other), await statusOf(key)]).toEqual([401, 401])
  expect(await actionsOf(user.id)).toContain('password.reset')
})

test('works from the link: a page with a form', async () => {
  const { email } = await web.signUp()
  await request(email)
  const token = await mailbox.receiveToken(email)
  const page = await web.agent.get(`/auth/password-reset?token=${token}`)
  expect([page.status, page.type]).toEqual([200, 'text/html'])
  const form = web.agent.post('/auth/password-reset/confirm').type('form')
  expectReply(confirmPasswordReset, await form.send({ token, new_password: NEW }), 204)
  expectReply(login, await logIn(email, NEW), 200)
})

test('a user changes the password with the current one', async () => {
  const user = await web.signUp()
  const wrong = { current_password: 'wrong horse', new_password: NEW }
  expectProblem(changePassword, await change(user, wrong), 'auth.wrong_password')
  const common = { current_password: user.password, new_password: 'password' }
  expectFieldErrors(changePassword, await change(user, common), ['new_password'])
  expectReply(login, await logIn(user.email, user.password), 200)
  expectReply(changePassword, await change(user, { current_password: user.password, new_password: NEW }), 204)
  expectReply(login, await logIn(user.email, NEW), 200)
  expectProblem(login, await logIn(user.email, user.password), 'auth.wrong_credentials')
})

test('without a mail server, links are in the log of a local installation and of no other', async () => {
  const { email } = await web.signUp()
  const lines: unknown[] = []
  const record = (event: string, fields = {}) => void lines.push({ event, ...fields })
  const log = { info: record, warn: record } as Logger
  const mails = (publicUrl: string) =>
    createAccountMails({
      config: { mail: { from: undefined, smtpUrl: undefined }, publicUrl },
      database: web.database,
      log,
    })
  await mails('http://localhost:8080').reset(email)
  const url = expect.stringMatching(/^http:\/\/localhost:8080\/auth\/password-reset\?token=[\w-]{43}$/)
  expect(lines).toEqual([{ event: 'password_reset link', url }])
  const token = /token=(.*)$/.exec((lines[0] as { url: string }).url)?.[1] ?? ''
  expectReply(confirmPasswordReset, await confirm(token), 204)

  await mails('https://cutroom.example.com').reset(email)
  expect(JSON.stringify(lines.slice(1))).not.toContain('token=')
  expect(await mailbox.receive(email)).toEqual([])
})
