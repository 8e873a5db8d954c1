import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { eventually } from '#test/e2e/processes.ts'
import { expectFieldErrors, expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { createWebhook, listWebhooks, getWebhook, replaceWebhook, deleteWebhook } = operations
const { rotateWebhookSecret, testWebhook, listDeliveries, resendDelivery, resendDeliveries } = operations

const URL = 'https://example.com/hook'

let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  web = await openTestWeb()
})
beforeEach(async () => {
  ada = await web.signUp()
})
afterEach(() => expect(web.log.takeErrors()).toEqual([]))
afterAll(() => web.close())

const call = (method: 'get' | 'post' | 'put' | 'delete', path: string, body?: object, user = ada) =>
  web.agent[method](path).set('Authorization', web.bearer(user)).send(body)
const create = async (body: object = { url: URL }) =>
  expectReply(createWebhook, await call('post', '/webhooks', body), 201)
const deliveriesOf = async (id: string, query = '') =>
  expectReply(listDeliveries, await call('get', `/webhooks/${id}/deliveries${query}`), 200)

describe('an endpoint', () => {
  test('is not "not found" because a field of the body is called id', async () => {
    const { id, secret: _, ...shown } = await create()
    const reply = await call('put', `/webhooks/${id}`, { ...shown, id })
    const { errors } = expectProblem(replaceWebhook, reply, 'request.invalid')
    expect(errors).toContainEqual({ path: 'id', message: 'unknown field' })
    expectProblem(replaceWebhook, await call('put', '/webhooks/1', { id }), 'webhook.not_found')
  })

  test('may be deleted while something happens that it would receive', async () => {
    const { id } = await create({ url: URL, types: ['task.created'] })
    let task: Promise<{ id: string }> | undefined
    await web.database.transaction(async (query) => {
      await query('DELETE FROM webhook_endpoints WHERE id = $1', [id])
      task = web.createTask(ada)
      await eventually('the event waits for the deletion', 5_000, async () => {
        const waiting = await web.database.query(
          "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        return waiting.length > 0
      })
    })
    expect(await task).toHaveProperty('id')
  })

  test('is created with a secret, listed without, changed and deleted', async () => {
    const { secret, ...webhook } = await create()
    expect(secret).toMatch(/^whsec_/)
    expect(webhook).toMatchObject({ url: URL, enabled: true, disabled_reason: null, description: '' })
    expect(webhook.types).not.toContain('task.progress')
    expect(expectReply(listWebhooks, await call('get', '/webhooks'), 200).webhooks).toEqual([webhook])
    const path = `/webhooks/${webhook.id}`
    const change = {
      url: `${URL}/2`,
      types: ['task.failed', 'task.failed'],
      enabled: false,
      description: 'b',
    }
    const changed = expectReply(replaceWebhook, await call('put', path, change), 200)
    expect(changed).toEqual({ ...webhook, ...change, types: ['task.failed'] })
    expect(expectReply(getWebhook, await call('get', path), 200)).toEqual(changed)
    expectReply(deleteWebhook, await call('delete', path), 204)
    expectProblem(getWebhook, await call('get', path), 'webhook.not_found')
    const { body } = await call('get', '/auth/audit')
    expect(body.events.map(({ action }: { action: string }) => action).slice(0, 3)).toEqual([
      'webhook.deleted',
      'webhook.changed',
      'webhook.created',
    ])
  })

  test('is one of ten at most', async () => {
    for (let i = 0; i < 10; i++) await create()
    expectProblem(createWebhook, await call('post', '/webhooks', { url: URL }), 'webhook.too_many')
  })

  test.each([
    [{ url: 'http://example.com/' }, 'url'],
    [{ url: 'https://10.0.0.1/' }, 'url'],
    [{ url: 'ftp://example.com/' }, 'url'],
    [{ url: URL, types: [] }, 'types'],
    [{ url: URL, types: ['task.exploded'] }, 'types.0'],
    [{ url: URL, description: 'x'.repeat(201) }, 'description'],
  ])('as in %j is refused', async (body, field) => {
    expectFieldErrors(createWebhook, await call('post', '/webhooks', body), [field])
  })

  test('gets another secret, and signs with the previous one for as long as asked', async () => {
    const { id, secret } = await create()
    const path = `/webhooks/${id}/secret`
    const rotated = expectReply(rotateWebhookSecret, await call('post', path, { overlap_seconds: 60 }), 200)
    expect(rotated.secret).not.toBe(secret)
    expect(new Date(rotated.previous_secret_until ?? 0).getTime() - Date.now()).toBeGreaterThan(50_000)
    const again = expectReply(rotateWebhookSecret, await call('post', path, { overlap_seconds: 0 }), 200)
    expect(again.previous_secret_until).toBeNull()
  })

  test('is exported with its account, without its secret', async () => {
    const { secret, ...webhook } = await create()
    const reply = await call('get', '/auth/export')
    expect(JSON.parse(reply.text).webhooks).toEqual([webhook])
    expect(reply.text).not.toContain(secret)
  })

  test('goes with its account', async () => {
    const { id } = await create()
    await call('delete', '/auth/me', { password: ada.password })
    expect(await web.database.query('SELECT FROM webhook_endpoints WHERE id = $1', [id])).toEqual([])
  })
})

describe('deliveries', () => {
  test('are queued for the chosen types, while the endpoint is enabled', async () => {
    const { id } = await create({ url: URL, types: ['task.created', 'task.succeeded'] })
    const task = await web.createTask(ada)
    await web.finish(task.id)
    await web.createTask(await web.signUp())
    await call('put', `/webhooks/${id}`, { url: URL, enabled: false })
    await web.createTask(ada)
    const { deliveries } = await deliveriesOf(id)
    expect(deliveries.map(({ sequence, type, state }) => [sequence, type, state])).toEqual([
      [3, 'task.succeeded', 'pending'],
      [1, 'task.created', 'pending'],
    ])
  })

  test('have pages, the newest first', async () => {
    const { id } = await create({ url: URL, types: ['task.created'] })
    for (let i = 0; i < 3; i++) await web.createTask(ada)
    const first = await deliveriesOf(id, '?max=2')
    expect(first.deliveries.map(({ sequence }) => sequence)).toEqual([3, 2])
    const second = await deliveriesOf(id, `?max=2&page=${first.next_page}`)
    expect(second).toMatchObject({ deliveries: [{ sequence: 1 }], next_page: null })
  })

  test('may be a test', async () => {
    const { id } = await create()
    const delivery = expectReply(testWebhook, await call('post', `/webhooks/${id}/test`), 202)
    expect(delivery).toMatchObject({ sequence: null, type: 'webhook.test', state: 'pending', attempts: 0 })
    expect((await deliveriesOf(id)).deliveries).toEqual([delivery])
  })

  test('are sent again, one or many, also events from before the endpoint', async () => {
    await web.createTask(ada)
    const { id } = await create({ url: URL, types: ['task.created'] })
    await web.createTask(ada)
    await web.createTask(ada)
    await web.database.query(
      `UPDATE webhook_deliveries SET due_at = NULL, attempts = 9, last_error = 'notify.failed',
         given_up_at = CASE WHEN sequence = 2 THEN now() END, delivered_at = CASE WHEN sequence = 3 THEN now() END
       WHERE endpoint_id = $1`,
      [id],
    )
    const [third] = (await deliveriesOf(id)).deliveries
    const one = await call('post', `/webhooks/${id}/deliveries/${third?.id}/resend`)
    expect(expectReply(resendDelivery, one, 202)).toMatchObject({
      sequence: 3,
      state: 'pending',
      attempts: 0,
    })
    const resend = async (body: object) =>
      expectReply(resendDeliveries, await call('post', `/webhooks/${id}/resend`, body), 202)
    expect(await resend({})).toEqual({ count: 1, last: 2 })
    expect(await resend({})).toEqual({ count: 0, last: null })
    expect(await resend({ all: true })).toEqual({ count: 3, last: 3 })
    expect(await resend({ all: true, after: 2 })).toEqual({ count: 1, last: 3 })
    const { deliveries } = await deliveriesOf(id)
    expect(deliveries.map(({ sequence, state }) => [sequence, state])).toEqual([
      [1, 'pending'],
      [3, 'pending'],
      [2, 'pending'],
    ])
    const unknown = '0d7c3f0e-5b1c-4c53-9a55-3f1f0c3b8a11'
    const none = await call('post', `/webhooks/${id}/deliveries/${unknown}/resend`)
    expectProblem(resendDelivery, none, 'delivery.not_found')
  })

  test('go with their events', async () => {
    const { id } = await create({ url: URL, types: ['task.created'] })
    await web.createTask(ada)
    await web.database.query('DELETE FROM events WHERE user_id = $1', [ada.id])
    expect((await deliveriesOf(id)).deliveries).toEqual([])
  })
})
