import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { expectFieldErrors, expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { createTask, retryTask } = operations
const url = 'https://example.com/private.mp4'
const SECRET = 'Bearer s3cret'
const sources = [{ url, headers: { Authorization: SECRET, 'X-Api-Key': 's3cret too' } }, { url }]
const hidden = [{ url, headers: { Authorization: '[hidden]', 'X-Api-Key': '[hidden]' } }, { url }]

let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  web = await openTestWeb()
  ada = await web.signUp()
})
afterEach(() => {
  expect(JSON.stringify(web.log.lines)).not.toContain('s3cret')
  expect(web.log.takeErrors()).toEqual([])
})
afterAll(() => web.close())

const as = (user = ada) => ({ Authorization: web.bearer(user) })
const post = (body: object, headers: object = {}, app = web, user = ada) =>
  app.agent
    .post('/tasks')
    .set({ Authorization: app.bearer(user), ...headers })
    .send(body)

/** Every row of every table, as text. */
async function everything(): Promise<string> {
  const tables = await web.database.query<{ name: string }>(
    `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'`,
  )
  const rows = await Promise.all(
    tables.map(({ name }) => web.database.query(`SELECT ${name}::text AS text FROM ${name}`)),
  )
  return JSON.stringify(rows)
}

describe('the headers of a source', () => {
  test.each([
    ['sources beside a preset', { sources, preset: 'reel' }],
    ['sources beside a recipe', { sources, recipe: { output: { format: 'webm' } } }],
    ['sources of a recipe', { recipe: { sources } }],
  ])('given with %s are hidden in every reply and stored encrypted', async (_, body) => {
    const created = await post(body)
    const task = expectReply(createTask, created, 202)
    expect(task.recipe.sources).toMatchObject(hidden)
    const replies = [
      created,
      await web.agent.get(`/tasks/${task.id}`).set(as()),
      await web.agent.get('/tasks').set(as()),
      await web.agent.delete(`/tasks/${task.id}`).set(as()),
    ]
    for (const reply of replies) {
      expect(reply.status).toBeLessThan(300)
      expect(reply.text).not.toContain('s3cret')
    }
    expect(await everything()).not.toContain('s3cret')
  })

  test('are in none of the tables while the task waits, other than encrypted', async () => {
    const task = expectReply(createTask, await post({ sources }), 202)
    const text = await everything()
    expect(text).toContain(task.id)
    for (const secret of ['s3cret', Buffer.from('s3cret').toString('hex')]) expect(text).not.toContain(secret)
    const rows = await web.database.query('SELECT 1 FROM source_headers WHERE task_id = $1', [task.id])
    expect(rows).toHaveLength(1)
  })

  test('are hidden when a failed task is retried, and in its events', async () => {
    const task = expectReply(createTask, await post({ sources }), 202)
    const error = { code: 'source.denied', message: 'as the test wants it' }
    await web.jobs.fail(await web.claim(task.id), error, { usedUp: false })
    const events = await web.agent.get(`/tasks/${task.id}/events`).set(as())
    expect(events.text).toContain('[hidden]')
    expect(events.text).not.toContain('s3cret')
    const retried = expectReply(retryTask, await web.agent.post(`/tasks/${task.id}/retry`).set(as()), 202)
    expect(retried.recipe.sources).toMatchObject(hidden)
  })

  test('are hidden in the reply that an idempotency key stores, and do not count for it', async () => {
    const key = { 'Idempotency-Key': randomUUID() }
    const first = await post({ sources }, key)
    expectReply(createTask, first, 202)
    const renewed = [{ url, headers: { Authorization: 'Bearer renewed', 'X-Api-Key': 's3cret' } }, { url }]
    expect((await post({ sources: renewed }, key)).text).toBe(first.text)
    expectProblem(createTask, await post({ sources: [{ url }, { url }] }, key), 'idempotency.mismatch')
    expect(await everything()).not.toContain('s3cret')
  })

  test('that are not allowed are named, and their values are not', async () => {
    const wrong = [{ url }, { url, headers: { Range: 's3cret', Cookie: 's3cret\r\n', Accept: 'video/mp4' } }]
    const reply = await post({ sources: wrong })
    expectFieldErrors(createTask, reply, ['sources.1.headers.Cookie', 'sources.1.headers.Range'])
    expect(reply.text).not.toContain('s3cret')
    const upload_id = await web.createUpload(ada)
    const headers = { Authorization: SECRET }
    expectFieldErrors(createTask, await post({ sources: [{ upload_id, headers }] }), ['sources.0.headers'])
  })

  test('copied from a reply are refused', async () => {
    const paths = ['Authorization', 'X-Api-Key'].map((name) => `recipe.sources.0.headers.${name}`)
    expectFieldErrors(createTask, await post({ recipe: { sources: hidden } }), paths)
  })

  test('are refused where they cannot be stored, while other tasks are accepted', async () => {
    const keyless = await openTestWeb({ env: { SECRETS_KEY: '' } })
    try {
      const user = await keyless.signUp()
      const { detail } = expectProblem(
        createTask,
        await post({ sources }, {}, keyless, user),
        'source.headers_disabled',
      )
      expect(detail).toContain('SECRETS_KEY is not set')
      expectReply(createTask, await post({ url }, {}, keyless, user), 202)
      expect(keyless.log.takeErrors()).toEqual([])
    } finally {
      await keyless.close()
    }
  })
})
