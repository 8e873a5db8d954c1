import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { expectProblem, expectReply } from '#test/expect-reply.ts'
import { MAIL_ENV, openMailbox } from '#test/mailbox.ts'
import { sweepOnce } from '#test/sweep.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { me, login, deleteAccount, exportAccount, signup } = operations

let web: TestWeb
beforeAll(async () => {
  web = await openTestWeb({ env: MAIL_ENV })
})
afterEach(() => {
  expect(web.log.takeErrors()).toEqual([])
})
afterAll(() => web.close())

const remove = (user: TestUser, password = user.password) =>
  web.agent.delete('/auth/me').set('Authorization', web.bearer(user)).send({ password })
const download = (user: TestUser) => web.agent.get('/auth/export').set('Authorization', web.bearer(user))

/** The number of rows that belong to the user, by table. */
async function rowsOf({ id }: TestUser): Promise<Record<string, number>> {
  const tables = await web.database.query<{ table: string }>(
    "SELECT table_name AS table FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'user_id'",
  )
  const counts = await Promise.all(
    tables.map(async ({ table }) => {
      const [row] = await web.database.query<{ count: string }>(
        `SELECT count(*) FROM ${table} WHERE user_id = $1`,
        [id],
      )
      return [table, Number(row?.count)] as const
    }),
  )
  return Object.fromEntries(counts.filter(([, count]) => count > 0))
}

async function objects(): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of web.storage.list('')) keys.push(key)
  return keys
}

test('an account is deleted with its tasks and files, running or not, and nothing is left', async () => {
  const user = await web.signUp()
  const upload = await web.createUpload(user)
  const finished = await web.createTask(user, {
    upload_id: upload,
    notify: { webhook: 'https://example.com/hook' },
  })
  await web.finish(finished.id, { 'output.mp4': 'a clip' })
  const running = await web.createTask(user)
  const claim = await web.claim(running.id)
  await web.createTask(user)
  expect((await objects()).length).toBe(2)

  expectProblem(deleteAccount, await remove(user, 'wrong horse'), 'auth.wrong_password')
  expectReply(deleteAccount, await remove(user), 204)
  const login1 = await web.agent.post('/auth/login').send({ email: user.email, password: user.password })
  expectProblem(login, login1, 'auth.wrong_credentials')
  // The worker notices at its next heartbeat, and its objects are cleaned up like those of any lost attempt.
  expect(await web.jobs.heartbeat(claim, 50)).toBe(false)

  await web.database.query("UPDATE users SET deleted_at = deleted_at - interval '1 hour' WHERE id = $1", [
    user.id,
  ])
  await sweepOnce(web)
  // The record of the deletion.
  expect(await rowsOf(user)).toEqual({ audit_events: 1 })
  expect(await objects()).toEqual([])
  expect(await web.database.query('SELECT FROM users WHERE id = $1', [user.id])).toEqual([])
})

test('the name and the address of a deleted account are gone at once, and free for others', async () => {
  const { username, email, password, ...user } = await web.signUp()
  expectReply(deleteAccount, await remove({ username, email, password, ...user }), 204)
  const [row] = await web.database.query('SELECT * FROM users WHERE id = $1', [user.id])
  expect(JSON.stringify(row)).not.toContain(username)
  const again = await web.agent.post('/auth/signup').send({ username, email, password, password_2: password })
  expectReply(signup, again, 201)
})

test('a session or key that was begun while the account was deleted is worth nothing', async () => {
  const user = await web.signUp()
  const created = await web.agent
    .post('/auth/keys')
    .set('Authorization', web.bearer(user))
    .send({ name: 'a key', scopes: ['account'] })
  const { body: late } = await web.agent
    .post('/auth/login')
    .send({ email: user.email, password: user.password })
  await web.database.query('UPDATE users SET deleted_at = now() WHERE id = $1', [user.id])
  for (const token of [late.token, created.body.key]) {
    expectProblem(
      me,
      await web.agent.get('/auth/me').set('Authorization', `Bearer ${token}`),
      'auth.required',
    )
  }
})

test('nobody is notified about the tasks of a deleted account', async () => {
  const user = await web.signUp()
  const body = { url: 'https://example.com/a.mp4', notify: { email: true } }
  const { id } = await web.createTask(user, body)
  await web.finish(id)
  await web.database.query("UPDATE users SET deleted_at = now(), email = '' WHERE id = $1", [user.id])
  const mailbox = await openMailbox(web)
  expect(await mailbox.receive(user.email)).toEqual([])
  const [notification] = await web.database.query(
    'SELECT delivered_at FROM notifications WHERE task_id = $1',
    [id],
  )
  expect(notification).toEqual({ delivered_at: null })
  await mailbox.close()
})

test('what a request that was under way still writes is erased later', async () => {
  const user = await web.signUp()
  expectReply(deleteAccount, await remove(user), 204)
  await web.database.query(
    `INSERT INTO uploads (user_id, object_key, filename, content_type, expires_at)
     VALUES ($1, $2, 'a', 'b', now() + interval '7 days')`,
    [user.id, `uploads/${user.id}/late`],
  )
  const key = `uploads/${user.id}/late`
  await web.storage.create(key, Readable.from([Buffer.from('late')]), { contentType: 'video/mp4' })
  await web.database.query("UPDATE users SET deleted_at = deleted_at - interval '1 hour' WHERE id = $1", [
    user.id,
  ])
  await sweepOnce(web)
  expect(await objects()).not.toContain(key)
  const [late] = await web.database.query<{ prefix: string }>(
    'SELECT prefix FROM orphaned_objects WHERE prefix = $1',
    [`uploads/${user.id}/`],
  )
  expect(late).toBeDefined()
})

test('an export holds everything about the account but its secrets, and nothing of others', async () => {
  const [ada, eve] = [await web.signUp(), await web.signUp()]
  await web.createTask(eve)
  await web.agent.post('/auth/webhook-secret').set('Authorization', web.bearer(ada))
  const created = await web.agent
    .post('/auth/keys')
    .set('Authorization', web.bearer(ada))
    .send({ name: 'a key', scopes: ['account'] })
  const uploads = await Promise.all([1, 2, 3].map(() => web.createUpload(ada)))
  const first = await web.createTask(ada)
  // More than two pages, the oldest first.
  const copies = await web.database.query<{ id: string }>(
    `INSERT INTO tasks (user_id, recipe, created_at)
     SELECT user_id, recipe, created_at + n * interval '1 s' FROM tasks, generate_series(1, 44) AS n WHERE tasks.id = $1
     RETURNING id`,
    [first.id],
  )
  const tasks = [first, ...copies].map(({ id }) => id)
  const reply = await download(ada)
  const { account, ...lists } = expectReply(exportAccount, reply, 200)
  expect(lists.sessions).toMatchObject([{ current: true }])
  expect(lists.keys).toMatchObject([{ name: 'a key' }])
  const actions = lists.audit_events.map(({ action }) => action)
  expect(actions).toEqual(expect.arrayContaining(['account.created', 'login', 'account.exported']))
  expect(account).toMatchObject({ id: ada.id, email: ada.email, webhook_secret_set: true })
  expect(lists.uploads.map(({ id }) => id).sort()).toEqual(uploads.sort())
  expect(lists.tasks.map(({ id }) => id)).toEqual(tasks)
  expect(reply.headers['cache-control']).toBe('no-store')
  for (const secret of ['whsec_', 'v2:$2b$', created.body.key, ada.token, eve.id, eve.email])
    expect(reply.text).not.toContain(secret)
})
