import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { expectFieldErrors, expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { createTask, deleteTask, getTask, listTasks, webhookSecret, replaceWebhookSecret } = operations
const url = 'https://example.com/a.mp4'
const webhook = 'https://example.com/hook?key=1'
const pending = { state: 'pending', attempts: 0, error: null }

let web: TestWeb
let withoutMail: TestWeb
let ada: TestUser
beforeAll(async () => {
  web = await openTestWeb({ env: { MAIL_FROM: 'cutroom@example.org' } })
  withoutMail = await openTestWeb()
  ada = await web.signUp()
})
afterEach(() => {
  expect(web.log.takeErrors()).toEqual([])
})
afterAll(() => Promise.all([web.close(), withoutMail.close()]))

const post = (body: object) => web.agent.post('/tasks').set('Authorization', web.bearer(ada)).send(body)
const get = (path: string, user = ada) => web.agent.get(path).set('Authorization', web.bearer(user))
const tasks = async () => Number((await web.database.query('SELECT id FROM tasks')).length)

describe('a task with notifications', () => {
  test('shows their state in every reply', async () => {
    const created = expectReply(createTask, await post({ url, notify: { email: true, webhook } }), 202)
    expect(created.notify).toEqual({ email: pending, webhook: { ...pending, url: webhook } })
    expect(expectReply(getTask, await get(`/tasks/${created.id}`), 200).notify).toEqual(created.notify)
    const { url: _, ...delivery } = created.notify.webhook ?? {}
    const [listed] = expectReply(listTasks, await get('/tasks?max=1'), 200).tasks
    expect(listed?.notify).toEqual({ ...created.notify, webhook: delivery })
    const path = `/tasks/${created.id}`
    const aborted = await web.agent.delete(path).set('Authorization', web.bearer(ada))
    expect(expectReply(deleteTask, aborted, 200).notify).toEqual(created.notify)
  })

  test.each([undefined, {}, { email: false }])('has none for notify %j', async (notify) => {
    expect(expectReply(createTask, await post({ url, notify }), 202).notify).toEqual({})
  })

  test('can be created by a form', async () => {
    const form = (notify: string) =>
      web.agent
        .post('/tasks')
        .set('Authorization', web.bearer(ada))
        .field('notify', notify)
        .attach('file', Buffer.from('bytes'), 'a.mp4')
    const created = expectReply(createTask, await form(JSON.stringify({ webhook })), 202)
    expect(created.notify).toEqual({ webhook: { ...pending, url: webhook } })
    for (const wrong of ['no JSON', '[]', '{"webhook":"ftp://example.com"}', '{"pager":true}']) {
      expectProblem(createTask, await form(wrong), 'request.invalid')
    }
  })

  test('is created with one notification, however often the same idempotency key is sent', async () => {
    const send = () => post({ url, notify: { webhook } }).set('Idempotency-Key', 'once')
    const [first, second] = [await send(), await send()]
    expect(second.body).toEqual(first.body)
    const rows = await web.database.query('SELECT id FROM notifications WHERE task_id = $1', [first.body.id])
    expect(rows).toHaveLength(1)
  })
})

describe('is refused without creating a task:', () => {
  test.each([
    ['http://example.com/hook'],
    ['https://127.0.0.1/hook'],
    ['https://[::127.0.0.1]/hook'],
    ['https://169.254.169.254/computeMetadata/v1/'],
    ['https://me:secret@example.com/'],
    ['https://example.com:22/'],
    ['file:///etc/passwd'],
    ['not a URL'],
    [`https://example.com/${'a'.repeat(2048)}`],
  ])('a webhook at %s', async (address) => {
    const before = await tasks()
    const reply = await post({ url, notify: { webhook: address } })
    expectFieldErrors(createTask, reply, ['notify.webhook'])
    expect(await tasks()).toBe(before)
  })

  test('a webhook at a private address, in a dry run as well', async () => {
    const reply = await web.agent
      .post('/tasks?dry_run=1')
      .set('Authorization', web.bearer(ada))
      .send({ url, notify: { webhook: 'https://10.0.0.1/' } })
    expectFieldErrors(createTask, reply, ['notify.webhook'])
  })

  test('e-mail without a mail server', async () => {
    const bob = await withoutMail.signUp()
    const reply = await withoutMail.agent
      .post('/tasks')
      .set('Authorization', withoutMail.bearer(bob))
      .send({ url, notify: { email: true } })
    expectProblem(createTask, reply, 'notify.no_mail')
    expect(reply.body.errors).toEqual([{ path: 'notify.email', message: 'no mail server is configured' }])
  })
})

describe('the webhook secret', () => {
  const secretOf = async (user: TestUser) =>
    expectReply(webhookSecret, await get('/auth/webhook-secret', user), 200).secret

  test('is generated on first use and stays the same', async () => {
    const bob = await web.signUp()
    const secret = await secretOf(bob)
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/)
    await web.createTask(bob, { url, notify: { webhook } })
    expect(await secretOf(bob)).toBe(secret)
  })

  test('is the same for simultaneous first requests', async () => {
    const bob = await web.signUp()
    const secrets = await Promise.all([secretOf(bob), secretOf(bob), secretOf(bob), secretOf(bob)])
    expect(new Set(secrets).size).toBe(1)
  })

  test('belongs to one user and appears in no other reply', async () => {
    const bob = await web.signUp()
    const secret = await secretOf(bob)
    expect(await secretOf(ada)).not.toBe(secret)
    const { id } = await web.createTask(bob, { url, notify: { webhook } })
    for (const path of ['/auth/me', '/tasks', `/tasks/${id}`]) {
      expect((await get(path, bob)).text).not.toContain(secret)
    }
  })

  test('can be replaced only by its owner', async () => {
    const bob = await web.signUp()
    const before = [await secretOf(ada), await secretOf(bob)]
    const reply = await web.agent.post('/auth/webhook-secret').set('Authorization', web.bearer(bob))
    const { secret } = expectReply(replaceWebhookSecret, reply, 200)
    expect(reply.headers['cache-control']).toBe('no-store')
    expect([await secretOf(ada), await secretOf(bob)]).toEqual([before[0], secret])
    expect(secret).not.toBe(before[1])
  })

  test('requires a token', async () => {
    expectProblem(webhookSecret, await web.agent.get('/auth/webhook-secret'), 'auth.required')
    expectProblem(replaceWebhookSecret, await web.agent.post('/auth/webhook-secret'), 'auth.required')
  })
})
