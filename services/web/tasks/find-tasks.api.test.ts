import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import { expectFieldErrors, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { listTasks, changeTasks } = operations

let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  web = await openTestWeb()
})
beforeEach(async () => {
  ada = await web.signUp()
})
afterAll(() => web.close())

const list = (query: string) => web.agent.get(`/tasks?${query}`).set('Authorization', web.bearer(ada))
const page = async (query: string) => expectReply(listTasks, await list(query), 200)
const namesOf = async (query: string) => (await page(query)).tasks.map(({ name }) => name)
const create = (name: string, user = ada) =>
  web.createTask(user, { url: `https://example.com/clips/${encodeURIComponent(name)}` })

describe('the name of a task', () => {
  test('is that of its first source, an upload or a URL', async () => {
    const { body: upload } = await web.agent
      .post('/uploads')
      .set('Authorization', web.bearer(ada))
      .send({ filename: 'My holiday.mp4' })
    await web.agent.put(web.pathOf(upload.url)).send(Buffer.from('bytes')).expect(201)
    const first = await web.createTask(ada, { upload_id: upload.upload_id })
    const second = await create('a b.mp4')
    expect([first.name, second.name]).toEqual(['My holiday.mp4', 'a b.mp4'])
    expect(await namesOf('')).toEqual(['a b.mp4', 'My holiday.mp4'])
  })
})

describe('a list by name', () => {
  test('finds parts of the names of sources and outputs, in any case', async () => {
    const { id } = await create('Beach.mp4')
    await create('100%_of it.mp4')
    await create('other.mp4', await web.signUp())
    await web.finish(id, { 'Sunset.mp4': 'bytes' })
    expect(await namesOf('search=bEach')).toEqual(['Beach.mp4'])
    expect(await namesOf('search=sunset')).toEqual(['Beach.mp4'])
    expect(await namesOf('search=%25_')).toEqual(['100%_of it.mp4'])
    expect(await namesOf('search=other')).toEqual([])
    expect(await namesOf('search=mp4&status=queued')).toEqual(['100%_of it.mp4'])
  })

  test('has pages like any other', async () => {
    for (const name of ['a1', 'b', 'a2', 'a3']) await create(name)
    const first = await page('search=a&max=2')
    expect(first.tasks.map(({ name }) => name)).toEqual(['a3', 'a2'])
    const second = await page(`search=a&max=2&page=${first.next_page}`)
    expect(second.tasks.map(({ name }) => name)).toEqual(['a1'])
    expect(second.next_page).toBeNull()
  })

  test('looks through a bounded number of tasks at once', async () => {
    await create('needle')
    await web.database.query(
      `INSERT INTO tasks (user_id, recipe, created_at)
       SELECT $1, '{"sources":[]}', now() + number * interval '1 ms' FROM generate_series(1, 2000) AS number`,
      [ada.id],
    )
    const first = await page('search=needle')
    expect(first.tasks).toEqual([])
    const second = await page(`search=needle&page=${first.next_page}`)
    expect(second.tasks.map(({ name }) => name)).toEqual(['needle'])
    expect(second.next_page).toBeNull()
  })
})

describe('a list', () => {
  test('of several statuses is in order, page by page', async () => {
    const tasks = []
    for (const name of ['a', 'b', 'c', 'd']) tasks.push(await create(name))
    await web.claim(tasks[1]?.id ?? '')
    await web.finish(tasks[2]?.id ?? '')
    expect(await namesOf('status=queued,running')).toEqual(['d', 'b', 'a'])
    const first = await page('status=queued,running&max=2&order=0')
    expect(first.tasks.map(({ name }) => name)).toEqual(['a', 'b'])
    expect(await namesOf(`status=queued,running&max=2&order=0&page=${first.next_page}`)).toEqual(['d'])
  })

  test('in order of finishing has finished tasks alone', async () => {
    const tasks = []
    for (const name of ['a', 'b', 'c', 'd']) tasks.push(await create(name))
    for (const index of [2, 0, 1]) {
      await web.finish(tasks[index]?.id ?? '')
      await web.database.query("UPDATE tasks SET finished_at = now() + $2 * interval '1 s' WHERE id = $1", [
        tasks[index]?.id,
        [2, 0, 1].indexOf(index),
      ])
    }
    expect(await namesOf('sort=finished')).toEqual(['b', 'a', 'c'])
    expect(await namesOf('sort=finished&order=0&status=succeeded')).toEqual(['c', 'a', 'b'])
    expect(await namesOf('sort=finished&status=queued')).toEqual([])
    const first = await page('sort=finished&max=2')
    expect(await namesOf(`sort=finished&max=2&page=${first.next_page}`)).toEqual(['c'])
  })

  test.each([
    ['status=queued,done', 'status'],
    ['status=', 'status'],
    ['sort=size', 'sort'],
    ['search=', 'search'],
    ['search=a%00', 'search'],
    [`search=${'x'.repeat(101)}`, 'search'],
  ])('with %s names the wrong field', async (query, field) => {
    expectFieldErrors(listTasks, await list(query), [field])
  })
})

test('a page of several statuses reads as many rows as it shows, however many there are', async () => {
  await web.database.query(
    `INSERT INTO tasks (user_id, recipe, status, created_at, finished_at)
     SELECT $1, '{"sources":[]}', (ARRAY['succeeded', 'failed', 'aborted'])[1 + number % 3]::status, now() - number * interval '1 s',
       now() - number * interval '1 s' FROM generate_series(1, 3000) AS number`,
    [ada.id],
  )
  await web.database.query('ANALYZE tasks')
  for (const at of ['created_at', 'finished_at']) {
    const branch = (status: string) =>
      `(SELECT id, ${at} AS at FROM tasks WHERE user_id = '${ada.id}' AND status = '${status}' ORDER BY at DESC, id DESC LIMIT 21)`
    const plan = await web.database.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT * FROM (${branch('failed')} UNION ALL ${branch('aborted')}) c ORDER BY at DESC, id DESC LIMIT 21`,
    )
    const text = plan.map((row) => row['QUERY PLAN']).join('\n')
    expect(text).toMatch(/Index (Only )?Scan/)
    expect(text).not.toMatch(/Seq Scan|Bitmap/)
  }
})

describe('many tasks at once', () => {
  const change = async (action: string, ids: string[]) =>
    expectReply(
      changeTasks,
      await web.agent.post('/tasks/bulk').set('Authorization', web.bearer(ada)).send({ action, ids }),
      200,
    ).results

  test('are aborted as far as they can be', async () => {
    const active = await create('a')
    const finished = await create('b')
    await web.finish(finished.id)
    const foreign = await create('c', await web.signUp())
    const results = await change('abort', [finished.id, active.id, foreign.id, active.id])
    expect(results).toMatchObject([
      { id: finished.id, outcome: 'failed', error: { code: 'task.finished' } },
      { id: active.id, outcome: 'aborted', error: null },
      { id: foreign.id, outcome: 'failed', error: { code: 'task.not_found' } },
      { id: active.id, outcome: 'aborted', error: null },
    ])
    expect((await page('status=aborted')).tasks).toHaveLength(1)
  })

  test('are deleted, active ones too, and their files recorded for the sweep', async () => {
    const active = await create('a')
    const finished = await create('b')
    await web.finish(finished.id, { 'a.mp4': 'bytes' })
    expect(await change('delete', [active.id, finished.id])).toMatchObject([
      { outcome: 'deleted' },
      { outcome: 'deleted' },
    ])
    expect((await page('')).tasks).toEqual([])
    const orphans = await web.database.query('SELECT FROM orphaned_objects WHERE prefix = ANY($1)', [
      [active.id, finished.id].map((id) => `tasks/${id}/`),
    ])
    expect(orphans).toHaveLength(2)
    const { body } = await web.agent.get('/auth/audit').set('Authorization', web.bearer(ada)).expect(200)
    expect(body.events.filter(({ action }: { action: string }) => action === 'task.deleted')).toHaveLength(2)
  })

  test.each([
    ['no ids', { action: 'abort', ids: [] }, ['ids']],
    ['101 ids', { action: 'abort', ids: Array(101).fill('0d7c3f0e-5b1c-4c53-9a55-3f1f0c3b8a11') }, ['ids']],
    ['another action', { action: 'retry', ids: ['0d7c3f0e-5b1c-4c53-9a55-3f1f0c3b8a11'] }, ['action']],
  ])('with %s are refused', async (_, body, paths) => {
    const reply = await web.agent.post('/tasks/bulk').set('Authorization', web.bearer(ada)).send(body)
    expectFieldErrors(changeTasks, reply, paths)
  })
})
