import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { expectFieldErrors, expectProblem, expectReply } from '#test/expect-reply.ts'
import { MAIL_ENV, type Mailbox, openMailbox } from '#test/mailbox.ts'
import { sweepOnce } from '#test/sweep.ts'
import { openTestWeb, type TestWeb } from '#test/web-app.ts'

const { signup, login, me, verifyEmail, requestVerification, createTask } = operations
const password = 'correct horse battery'

let web: TestWeb
let mailbox: Mailbox
beforeAll(async () => {
  web = await openTestWeb({ env: { ...MAIL_ENV, EMAIL_VERIFICATION: 'required' } })
  mailbox = await openMailbox(web)
})
afterEach(() => {
  expect(web.log.takeErrors()).toEqual([])
})
afterAll(async () => {
  await mailbox.close()
  await web.close()
})

const newEmail = () => `${randomUUID()}@example.com`
const newName = () => `u-${randomUUID().slice(0, 8)}`
const signUp = (account: object) =>
  web.agent.post('/auth/signup').send({ username: newName(), password, password_2: password, ...account })
const verify = (token: string) => web.agent.post('/auth/verify').send({ token })
const logIn = (email: string, secret = password) =>
  web.agent.post('/auth/login').send({ email, password: secret })

/** A verified account. */
async function owner(username = newName(), email = newEmail()) {
  expectReply(signup, await signUp({ username, email }), 202)
  const user = expectReply(verifyEmail, await verify(await mailbox.receiveToken(email)), 200)
  const { token } = expectReply(login, await logIn(email), 200)
  return { ...user, token }
}

/** An account from a time when addresses were not verified, with a task. */
async function squatter() {
  const account = await owner()
  await web.database.query('UPDATE users SET email_verified_at = NULL WHERE id = $1', [account.id])
  const task = await web.createTask({ ...account, password })
  return { ...account, task }
}

describe('a sign-up', () => {
  test('becomes an account once the link in the e-mail is used, and the link works once', async () => {
    const email = newEmail()
    const pending = expectReply(signup, await signUp({ username: 'ada', email }), 202)
    expect(pending).toEqual({ email, status: 'verification_required' })
    expectProblem(login, await logIn(email), 'auth.wrong_credentials')

    const token = await mailbox.receiveToken(email)
    const user = expectReply(verifyEmail, await verify(token), 200)
    expect(user).toMatchObject({ username: 'ada', email, email_verified: true })
    const session = expectReply(login, await logIn(email), 200)
    const reading = await web.agent.get('/auth/me').set('Authorization', `Bearer ${session.token}`)
    expect(expectReply(me, reading, 200)).toEqual(user)
    expectProblem(verifyEmail, await verify(token), 'auth.link_invalid')
  })

  test('is answered alike whether the address has an account or not, whose owner is informed', async () => {
    const { email, username } = await owner()
    const known = await signUp({ email, password: 'another password', password_2: 'another password' })
    const unknown = await signUp({ email: newEmail() })
    expectReply(signup, known, 202)
    expect(known.status).toBe(unknown.status)
    expect(Object.keys(known.body)).toEqual(Object.keys(unknown.body))

    const [mail, ...more] = await mailbox.receive(email)
    expect(more).toEqual([])
    expect(mail?.text).toContain(`the account "${username}"`)
    expect(mail?.text).not.toContain('?token=')
    expectReply(login, await logIn(email), 200)
    expectProblem(login, await logIn(email, 'another password'), 'auth.wrong_credentials')
  })

  test('is refused for a user name that is taken, and for its policy, whatever the address', async () => {
    const { username, email } = await owner()
    for (const address of [email, newEmail()]) {
      expectProblem(signup, await signUp({ username, email: address }), 'user.exists')
      const weak = { email: address, password: 'password', password_2: 'password' }
      expectFieldErrors(signup, await signUp(weak), ['password'])
    }
  })

  test('whose user name was taken meanwhile has to be repeated', async () => {
    const [first, second, username] = [newEmail(), newEmail(), newName()]
    await signUp({ username, email: first })
    await signUp({ username, email: second })
    expectReply(verifyEmail, await verify(await mailbox.receiveToken(second)), 200)
    // Both were sent by the first call.
    await web.agent.post('/auth/verification').send({ email: first })
    expectProblem(verifyEmail, await verify(await mailbox.receiveToken(first)), 'user.exists')
  })

  test('does not reserve the address: the one that is verified counts', async () => {
    const email = newEmail()
    await signUp({
      email,
      username: 'mallory-1',
      password: 'chosen by mallory',
      password_2: 'chosen by mallory',
    })
    await mailbox.receive(email)
    await signUp({ email, username: 'ada-1' })
    const token = await mailbox.receiveToken(email)
    expect(expectReply(verifyEmail, await verify(token), 200).username).toBe('ada-1')
    expectProblem(login, await logIn(email, 'chosen by mallory'), 'auth.wrong_credentials')
    const pending = await web.database.query('SELECT FROM account_mails WHERE email = $1', [email])
    expect(pending).toEqual([])
  })
})

describe('an account whose address nobody has verified', () => {
  test('is displaced by whoever signs up with the address and reads its mail', async () => {
    const { email, username, id, token: stolen, task } = await squatter()
    // The same name, because it is probably that of the address's owner.
    const chosen = { email, username, password: 'of the real owner', password_2: 'of the real owner' }
    expectReply(signup, await signUp(chosen), 202)
    expectReply(login, await logIn(email), 200)

    const user = expectReply(verifyEmail, await verify(await mailbox.receiveToken(email)), 200)
    expect(user).toMatchObject({ username, email, email_verified: true })
    expect(user.id).not.toBe(id)
    expectReply(login, await logIn(email, 'of the real owner'), 200)
    expectProblem(login, await logIn(email), 'auth.wrong_credentials')
    await web.database.query("UPDATE users SET deleted_at = deleted_at - interval '1 hour'")
    await sweepOnce(web)
    expect(await web.database.query('SELECT FROM tasks WHERE id = $1', [task.id])).toEqual([])
    expect(await web.database.query('SELECT FROM users WHERE id = $1', [id])).toEqual([])
    expect(stolen).toBeDefined()
  })

  test('cannot have e-mail sent about tasks, not even about those it created before', async () => {
    const account = await squatter()
    const body = { url: 'https://example.com/a.mp4', notify: { email: true } }
    const create = () => web.agent.post('/tasks').set('Authorization', web.bearer(account)).send(body)
    expectProblem(createTask, await create(), 'notify.unverified')

    const { rows } = {
      rows: await web.database.query<{ id: string }>('SELECT id FROM tasks WHERE user_id = $1', [account.id]),
    }
    await web.database.query(
      "INSERT INTO notifications (task_id, channel, due_at) VALUES ($1, 'email', now())",
      [rows[0]?.id],
    )
    expect(await mailbox.receive(account.email)).toEqual([])
    const [notification] = await web.database.query(
      'SELECT last_error, due_at FROM notifications WHERE task_id = $1',
      [rows[0]?.id],
    )
    expect(notification).toEqual({ last_error: 'notify.unverified', due_at: null })

    await web.agent.post('/auth/verification').send({ email: account.email })
    expectReply(verifyEmail, await verify(await mailbox.receiveToken(account.email)), 200)
    expectReply(createTask, await create(), 202)
  })
})

describe('a verification', () => {
  test('can be requested again, and the reply is the same for every address', async () => {
    const email = newEmail()
    await signUp({ email })
    await mailbox.receive(email)
    const verified = await owner()
    for (const address of [email, verified.email, 'nobody@example.com']) {
      const reply = await web.agent.post('/auth/verification').send({ email: address })
      expect(expectReply(requestVerification, reply, 202)).toEqual({
        email: address,
        status: 'mail_requested',
      })
    }
    expect(await mailbox.receive(email)).toHaveLength(1)
    expect(await mailbox.receive(verified.email)).toEqual([])
  })

  test('has a token that expires, and of which only a hash is stored', async () => {
    const email = newEmail()
    await signUp({ email })
    const token = await mailbox.receiveToken(email)
    const [row] = await web.database.query<{ token_hash: Buffer; hours: number }>(
      `SELECT *, round(extract(epoch FROM expires_at - now()) / 3600)::int AS hours FROM account_mails WHERE email = $1`,
      [email],
    )
    expect(row?.hours).toBe(72)
    expect(JSON.stringify(row)).not.toContain(token)
    expect(row?.token_hash.includes(Buffer.from(token, 'base64url'))).toBe(false)
    await web.database.query('UPDATE account_mails SET expires_at = now() WHERE email = $1', [email])
    expectProblem(verifyEmail, await verify(token), 'auth.link_invalid')
  })

  test('fills no mailbox: five e-mails an hour', async () => {
    const email = newEmail()
    for (let i = 0; i < 8; i++) expectReply(signup, await signUp({ email }), 202)
    expect(await mailbox.receive(email)).toHaveLength(5)
  })

  test('that strangers ask for does not use up the password resets of the owner', async () => {
    const { email } = await owner()
    for (let i = 0; i < 8; i++) await signUp({ email })
    await mailbox.receive(email)
    await web.agent.post('/auth/password-reset').send({ email })
    expect(await mailbox.receiveToken(email)).toBeDefined()
  })

  test('works from the link: a page with a form', async () => {
    const email = newEmail()
    await signUp({ email })
    const token = await mailbox.receiveToken(email)
    const page = await web.agent.get(`/auth/verify?token=${token}`)
    expect([page.status, page.type, page.headers['cache-control']]).toEqual([200, 'text/html', 'no-store'])
    expect(page.text).toContain(`value="${token}"`)
    expect(page.headers['content-security-policy']).toContain("form-action 'self'")
    expect((await web.agent.get('/auth/verify?token="><script>')).status).toBe(422)
    expectReply(verifyEmail, await web.agent.post('/auth/verify').type('form').send({ token }), 200)
  })

  test('leads a browser to the view of the page, which gets the token behind the #', async () => {
    const token = 'h0pXjVYlWkz3yT6oS9dQm1rE8uNcB5aLfGiK2vJxZ4w'
    for (const [path, view] of [
      ['/auth/verify', 'verify'],
      ['/auth/password-reset', 'reset'],
    ]) {
      const reply = await web.agent.get(`${path}?token=${token}`).set('Accept', 'text/html,*/*;q=0.8')
      expect([reply.status, reply.headers.location]).toEqual([303, `/#/${view}/${token}`])
      expect(reply.headers['cache-control']).toBe('no-store')
      expect(reply.headers.vary).toContain('Accept')
    }
  })
})
