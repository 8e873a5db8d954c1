import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { expectFieldErrors, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { createTask, listTasks, getTask, deleteTask, retryTask } = operations
const url = 'https://example.com/a.mp4'

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

const as = (user = ada) => ({ Authorization: web.bearer(user) })
const post = (metadata: unknown) => web.agent.post('/tasks').set(as()).send({ url, metadata })
const create = async (metadata: object) => expectReply(createTask, await post(metadata), 202)
const list = (query: string, user = ada) => web.agent.get(`/tasks?${query}`).set(as(user))
const found = async (query: string, user = ada) =>
  expectReply(listTasks, await list(query, user), 200).tasks.map(({ id }) => id)

describe('metadata', () => {
  test('is returned with its task, whatever is done with it', async () => {
    const metadata = { order: '17', 'name of the customer': 'ACME “Straße” 😀', note: '' }
    const { id, ...created } = await create(metadata)
    expect(created.metadata).toEqual(metadata)
    await web.jobs.fail(await web.claim(id), { code: 'media.failed', message: 'It broke.' }, { usedUp: true })
    expect(expectReply(getTask, await web.agent.get(`/tasks/${id}`).set(as()), 200).metadata).toEqual(
      metadata,
    )
    const retried = await web.agent.post(`/tasks/${id}/retry`).set(as())
    expect(expectReply(retryTask, retried, 202).metadata).toEqual(metadata)
    const aborted = await web.agent.delete(`/tasks/${id}`).set(as())
    expect(expectReply(deleteTask, aborted, 200).metadata).toEqual(metadata)
  })

  test('is empty for a task without any', async () => {
    expect((await web.createTask(ada)).metadata).toEqual({})
  })

  test('can be given with a form', async () => {
    const reply = await web.agent
      .post('/tasks')
      .set(as())
      .field('metadata', '{"order":"17"}')
      .attach('file', Buffer.from('bytes'), 'a.mp4')
    expect(expectReply(createTask, reply, 202).metadata).toEqual({ order: '17' })
  })

  test('may have 16 keys of 40 characters and values of 500, and all of them find the task', async () => {
    const metadata = Object.fromEntries(
      Array.from({ length: 16 }, (_, i) => [
        `${'ключ'.repeat(9)}-${i % 10}${i > 9 ? 'x' : ''}`,
        '😀'.repeat(250),
      ]),
    )
    const { id } = await create(metadata)
    expect((await web.agent.get(`/tasks/${id}`).set(as())).body.metadata).toEqual(metadata)
    for (const [key, value] of Object.entries(metadata)) {
      expect(await found(encodeURI(`metadata[${key}]=${value}`))).toEqual([id])
    }
  })

  test.each([
    ['17 keys', Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, ''])), ['metadata']],
    ['an empty key', { '': 'x' }, ['metadata.']],
    ['a key of 41 characters', { ['k'.repeat(41)]: 'x' }, [`metadata.${'k'.repeat(41)}`]],
    ['brackets in a key', { 'a[b]': 'x' }, ['metadata.a[b]']],
    ['a value of 501 characters', { k: 'x'.repeat(501) }, ['metadata.k']],
    ['a number', { order: 17 }, ['metadata.order']],
    ['NUL', { order: 'a\0b' }, ['metadata.order']],
    ['NUL in a key', { 'a\0b': 'x' }, ['metadata.a\ufffdb']],
    ['half a character in a key', { '\ud83d': 'x' }, ['metadata.\ufffd']],
    ['a list', ['x'], ['metadata']],
  ])('with %s is refused', async (_, metadata, paths) => {
    expectFieldErrors(createTask, await post(metadata), paths)
  })
})

describe('a list by metadata', () => {
  test('has the tasks with exactly this value, page by page and together with a status', async () => {
    const ids = []
    for (const order of ['1', '2', '1', '1']) ids.push((await create({ order, customer: 'acme' })).id)
    await web.createTask(ada)
    const [a, b, c, d] = ids
    expect(await found('metadata[order]=1')).toEqual([d, c, a])
    expect(await found('metadata[order]=1&order=0')).toEqual([a, c, d])
    expect(await found('metadata[customer]=acme&metadata[order]=2')).toEqual([b])
    expect(await found('metadata[customer]=acme&metadata[order]=3')).toEqual([])
    expect(await found('metadata[ORDER]=1')).toEqual([])
    const first = expectReply(listTasks, await list('metadata[order]=1&max=2'), 200)
    expect(await found(`metadata[order]=1&max=2&page=${first.next_page}`)).toEqual([a])
    await web.agent.delete(`/tasks/${c}`).set(as()).expect(200)
    expect(await found('metadata[order]=1&status=queued')).toEqual([d, a])
  })

  test('has no tasks of others', async () => {
    await create({ order: '1' })
    expect(await found('metadata[order]=1', await web.signUp())).toEqual([])
  })

  test('no longer has a task that was deleted', async () => {
    const { id } = await create({ order: '1' })
    await web.finish(id)
    await web.agent.delete(`/tasks/${id}`).set(as()).expect(204)
    expect(await found('metadata[order]=1')).toEqual([])
  })

  test.each([
    ['metadata=17', ['metadata']],
    ['metadata[order]=1&metadata[order]=2', ['metadata.order']],
    ['metadata[]=1', ['metadata.']],
    ['metadata[__proto__]=1', ['metadata']],
  ])('refuses %s', async (query, paths) => {
    expectFieldErrors(listTasks, await list(query), paths)
  })
})
