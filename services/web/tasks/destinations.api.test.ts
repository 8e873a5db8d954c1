import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { expectFieldErrors, expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { createTask, createTasks, getTask } = operations
const url = 'https://example.com/a.mp4'
const s3 = {
  bucket: 'acme-renders',
  region: 'eu-central-1',
  prefix: 'orders/17/',
  access_key_id: 'AKIAEXAMPLE',
  secret_access_key: 's3cret',
}
const shownS3 = { bucket: 'acme-renders', region: 'eu-central-1', prefix: 'orders/17/' }
const link = 'https://acme.example/17.mp4?X-Amz-Signature=s3cret'

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

const post = (destination: unknown, headers: object = {}, app = web, user = ada) =>
  app.agent
    .post('/tasks')
    .set({ Authorization: app.bearer(user), ...headers })
    .send({ url, destination })

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

describe('a destination', () => {
  test.each([
    ['a bucket of S3', { s3 }, { s3: shownS3 }],
    [
      'a bucket of another store',
      { s3: { ...s3, endpoint: 'https://minio.example.com', session_token: 's3cret-token' } },
      { s3: { ...shownS3, endpoint: 'https://minio.example.com' } },
    ],
    [
      'a bucket of Cloud Storage',
      { gcs: { bucket: 'acme-renders', access_token: 'ya29.s3cret' } },
      { gcs: { bucket: 'acme-renders', prefix: '' } },
    ],
    ['presigned URLs', { urls: { 'output.mp4': link } }, { urls: { 'output.mp4': '[hidden]' } }],
  ])('that is %s is shown without secrets and stored encrypted', async (_, destination, shown) => {
    const created = await post(destination, { 'Idempotency-Key': randomUUID() })
    const task = expectReply(createTask, created, 202)
    expect(task.destination).toEqual(shown)
    const got = await web.agent.get(`/tasks/${task.id}`).set('Authorization', web.bearer(ada))
    expect(expectReply(getTask, got, 200).destination).toEqual(shown)
    expect(created.text + got.text + (await everything())).not.toMatch(/s3cret|AKIAEXAMPLE/)
    const stored = () => web.database.query('SELECT 1 FROM task_destinations WHERE task_id = $1', [task.id])
    expect(await stored()).toHaveLength(1)
    await web.finish(task.id)
    expect(await stored()).toEqual([])
  })

  test('can be given with a form and in a batch', async () => {
    const form = await web.agent
      .post('/tasks')
      .set('Authorization', web.bearer(ada))
      .field('destination', JSON.stringify({ s3 }))
      .attach('file', Buffer.from('bytes'), 'a.mp4')
    expect(expectReply(createTask, form, 202).destination).toEqual({ s3: shownS3 })
    const batch = await web.agent
      .post('/tasks/batch')
      .set('Authorization', web.bearer(ada))
      .send({ tasks: [{ url, destination: { s3 } }] })
    expect(expectReply(createTasks, batch, 202).results[0]?.task?.destination).toEqual({ s3: shownS3 })
  })

  test('with a new signature is still the same request', async () => {
    const key = { 'Idempotency-Key': randomUUID() }
    const first = await post({ urls: { 'output.mp4': link } }, key)
    const again = await post({ urls: { 'output.mp4': `${link}2` } }, key)
    expect(expectReply(createTask, again, 202).id).toBe(first.body.id)
    expectProblem(createTask, await post({ s3 }, key), 'idempotency.mismatch')
    const elsewhere = { urls: { 'output.mp4': link.replace('17.mp4', '18.mp4') } }
    expectProblem(createTask, await post(elsewhere, key), 'idempotency.mismatch')
  })

  test.each([
    ['a private address', { urls: { 'output.mp4': 'https://10.0.0.1/a' } }, 'destination.urls.output.mp4'],
    ['plain http', { urls: { 'output.mp4': 'http://example.com/a' } }, 'destination.urls.output.mp4'],
    ['a private endpoint', { s3: { ...s3, endpoint: 'https://127.0.0.1:9000' } }, 'destination.s3.endpoint'],
    ['a port of mail', { s3: { ...s3, endpoint: 'https://example.com:25' } }, 'destination.s3.endpoint'],
  ])('at %s is refused', async (_, destination, path) => {
    const { errors } = expectProblem(createTask, await post(destination), 'destination.refused')
    expect(errors?.map((error) => error.path)).toEqual([path])
  })

  test.each([
    ['nothing', {}, ['destination.urls']],
    ['two kinds', { s3, urls: { 'a.mp4': link } }, ['destination.urls']],
    ['no URLs', { urls: {} }, ['destination.urls']],
    ['a path as a name', { urls: { '../a.mp4': link } }, ['destination.urls.../a.mp4']],
    ['a name of no bucket', { s3: { ...s3, bucket: 'Acme/x' } }, ['destination.s3.bucket']],
    ['a prefix that climbs', { s3: { ...s3, prefix: 'a/../b/' } }, ['destination.s3.prefix']],
    [
      'an endpoint with a path',
      { s3: { ...s3, endpoint: 'https://a.example/x' } },
      ['destination.s3.endpoint'],
    ],
    [
      'a token and a key',
      { gcs: { bucket: 'abc', access_token: 'x', access_key_id: 'y' } },
      ['destination.gcs.access_token'],
    ],
    ['no credentials', { gcs: { bucket: 'abc' } }, ['destination.gcs.access_token']],
    [
      'a line break in a key',
      { s3: { ...s3, secret_access_key: 'a\nb' } },
      ['destination.s3.secret_access_key'],
    ],
  ])('with %s is invalid', async (_, destination, paths) => {
    expectFieldErrors(createTask, await post(destination), paths)
  })

  test('is refused where it could not be encrypted', async () => {
    const app = await openTestWeb({ env: { SECRETS_KEY: '' } })
    const user = await app.signUp()
    expectProblem(createTask, await post({ s3 }, {}, app, user), 'destination.disabled')
    await app.close()
  })
})
