import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import type { NewJob } from '#shared/tasks/graph/expand-job.ts'
import { expectFieldErrors, expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { createTask, listTasks, getTask, deleteTask, retryTask } = operations
const url = 'https://example.com/a.mp4'

let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  web = await openTestWeb()
})
// A new user for each test: lists contain only the test's own tasks.
beforeEach(async () => {
  ada = await web.signUp()
})
afterEach(() => expect(web.log.takeErrors()).toEqual([]))
afterAll(() => web.close())

const as = (user = ada) => ({ Authorization: web.bearer(user) })
const post = (body: object) => web.agent.post('/tasks').set(as()).send(body)
const get = (id: string) => web.agent.get(`/tasks/${id}`).set(as())
const remove = (id: string) => web.agent.delete(`/tasks/${id}`).set(as())
const list = (query: object = {}) => web.agent.get('/tasks').set(as()).query(query)
const idsOf = (tasks: { id: string }[]) => tasks.map(({ id }) => id)

describe('creating a task', () => {
  test('by URL applies the preset reel, publishes the job once and replies with the Location', async () => {
    const reply = await post({ url })
    const task = expectReply(createTask, reply, 202)
    expect(task).toMatchObject({ status: 'queued', preset: 'reel', progress: 0, attempts: 0, outputs: [] })
    expect(task.recipe).toMatchObject({
      sources: [{ url, trim: { start: 0, duration: 18, at_most: true } }],
      frame: { width: 640, height: 360 },
    })
    expect(reply.headers.location).toBe(`/tasks/${task.id}`)
    const details = { ...task, stages: null, seconds_left: null }
    expect(expectReply(getTask, await get(task.id), 200)).toEqual(details)
    const [job] = await web.database.query<{ id: string }>('SELECT id FROM jobs WHERE task_id = $1', [
      task.id,
    ])
    expect(web.queue.published.filter((id) => id === job?.id)).toHaveLength(1)
  })

  test('by upload uses the upload as its source', async () => {
    const upload_id = await web.createUpload(ada)
    const task = expectReply(createTask, await post({ upload_id, preset: 'mp3' }), 202)
    expect(task).toMatchObject({ preset: 'mp3', recipe: { sources: [{ upload_id }] } })
  })

  test('from several sources keeps their order and their own trims', async () => {
    const sources = [{ url }, { url: `${url}?2`, trim: { start: 2, duration: 3 } }]
    const { recipe } = expectReply(createTask, await post({ sources, preset: 'reel' }), 202)
    expect(recipe.sources.map((source) => [source.url, source.trim?.duration])).toEqual([
      [url, 18],
      [`${url}?2`, 3],
    ])
  })

  test('by recipe keeps the recipe', async () => {
    const recipe = {
      sources: [{ url, trim: { start: 1, duration: 5 } }],
      frame: { width: 1280, height: 720, fit: 'crop' },
      output: { format: 'webm', quality: 'high' },
    }
    const task = expectReply(createTask, await post({ recipe }), 202)
    expect(task.preset).toBeNull()
    expect(task.recipe).toMatchObject(recipe)
  })

  test.each(['url', 'upload_id', 'sources'])(
    'by recipe without sources applies it to the %s beside it',
    async (field) => {
      const upload_id = await web.createUpload(ada)
      const sources = [{ url, trim: { start: 1, duration: 5, at_most: false } }, { upload_id }]
      const beside: Record<string, unknown> = { url, upload_id, sources }
      const recipe = { audio: 'mute', frame: { width: 1280 }, output: { format: 'webm', quality: 'high' } }
      const body = { recipe, [field]: beside[field] }
      const task = expectReply(createTask, await post(body), 202)
      expect(task.preset).toBeNull()
      expect(task.recipe).toEqual({
        ...recipe,
        frame: expect.objectContaining(recipe.frame),
        sources: field === 'sources' ? sources : [{ [field]: beside[field] }],
      })
    },
  )

  test.each([
    ['nothing', {}, ['url']],
    ['a recipe without a source', { recipe: {} }, ['recipe.sources']],
    [
      'an upload beside the sources of a recipe',
      { upload_id: randomUUID(), recipe: { sources: [{ url }] } },
      ['upload_id'],
    ],
    ['two sources beside each other', { url, upload_id: randomUUID() }, ['url']],
    ['an unknown preset', { url, preset: 'gold' }, ['preset']],
    ['preset and recipe', { preset: 'reel', recipe: { sources: [{ url }] } }, ['preset']],
    ['a url beside a recipe', { url, recipe: { sources: [{ url }] } }, ['url']],
    ['no sources', { sources: [] }, ['sources']],
    ['21 sources', { sources: Array(21).fill({ url }) }, ['sources']],
    ['a trim before the start', { sources: [{ url, trim: { start: -1 } }] }, ['sources.0.trim.start']],
    [
      'a trim that ends where it starts',
      { sources: [{ url }, { url, trim: { duration: 0 } }] },
      ['sources.1.trim.duration'],
    ],
    ['a trim by its end', { sources: [{ url, trim: { start: 5, end: 2 } }] }, ['sources.0.trim.end']],
    [
      'an odd frame',
      { recipe: { sources: [{ url }], frame: { width: 641, height: 0 } } },
      ['recipe.frame.height', 'recipe.frame.width'],
    ],
    ['an unknown field', { url, webhook: 'x' }, ['webhook']],
  ])('from %s is refused and names each field', async (_, body, paths) => {
    expectFieldErrors(createTask, await post(body), paths)
    expect(expectReply(listTasks, await list(), 200).tasks).toEqual([])
  })

  test('from an upload without content or an unknown upload is refused', async () => {
    const { body } = await web.agent.post('/uploads').set(as()).send({})
    expectProblem(createTask, await post({ upload_id: body.upload_id }), 'upload.missing')
    expectProblem(createTask, await post({ upload_id: randomUUID() }), 'upload.not_found')
  })

  test('from a private address is refused, names the field and stores nothing', async () => {
    const { errors } = expectProblem(
      createTask,
      await post({ url: 'http://10.0.0.1/a.mp4' }),
      'source.refused',
    )
    expect(errors).toMatchObject([{ path: 'url' }])
    expect(expectReply(listTasks, await list(), 200).tasks).toEqual([])
  })

  test('succeeds while the queue is down and leaves the job to be republished', async () => {
    web.queue.fail(true)
    const { id } = expectReply(createTask, await post({ url }), 202)
    web.queue.fail(false)
    const [job] = await web.database.query(
      'SELECT publish_at > now() AS later FROM jobs WHERE task_id = $1',
      [id],
    )
    expect(job).toEqual({ later: true })
  })
})

describe('the list', () => {
  test('contains the tasks of its owner, newest first, 20 at a time by default', async () => {
    const created = []
    for (let i = 0; i < 22; i++) created.push((await web.createTask(ada)).id)
    await web.createTask(await web.signUp())

    const page = expectReply(listTasks, await list(), 200)
    expect(idsOf(page.tasks)).toEqual(created.toReversed().slice(0, 20))
    const rest = expectReply(listTasks, await list({ page: page.next_page ?? '' }), 200)
    expect(idsOf(rest.tasks)).toEqual(created.slice(0, 2).toReversed())
    expect(rest.next_page).toBeNull()
    const oldest = expectReply(listTasks, await list({ order: 0, max: 4 }), 200)
    expect(idsOf(oldest.tasks)).toEqual(created.slice(0, 4))
  })

  test('by status contains only those tasks, page by page', async () => {
    const tasks = []
    for (let i = 0; i < 5; i++) tasks.push((await web.createTask(ada)).id)
    for (const id of tasks.slice(0, 3)) await remove(id)
    const first = expectReply(listTasks, await list({ status: 'aborted', max: 2 }), 200)
    const next = await list({ status: 'aborted', max: 2, page: first.next_page ?? '' })
    const second = expectReply(listTasks, next, 200)
    expect(idsOf([...first.tasks, ...second.tasks])).toEqual(tasks.slice(0, 3).toReversed())
    expect(second.next_page).toBeNull()
  })

  test.each(['0', '1'])('in order %s contains each task once while others are created', async (order) => {
    const before: string[] = []
    for (let i = 0; i < 9; i++) before.push((await web.createTask(ada)).id)
    // Created at the same time: only their ids order them.
    await web.database.query('UPDATE tasks SET created_at = $2 WHERE id = ANY ($1)', [
      before.slice(0, 5),
      new Date(Date.now() - 60_000),
    ])
    const seen: string[] = []
    let page: string | null = ''
    while (page !== null) {
      const query: object = page ? { max: 2, order, page } : { max: 2, order }
      const reply = expectReply(listTasks, await list(query), 200)
      seen.push(...idsOf(reply.tasks))
      if (seen.length < 12) await web.createTask(ada)
      page = reply.next_page
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toEqual(expect.arrayContaining(before))
    const moment = seen.filter((id) => before.slice(0, 5).includes(id))
    const sorted = before.slice(0, 5).toSorted()
    expect(moment).toEqual(order === '0' ? sorted : sorted.toReversed())
  })
})

describe('a task that was divided into chunks', () => {
  /** Two chunks, one done and one running, audio that waits for a worker, and the stitch. */
  async function divided() {
    // Turns are between users, and the tasks of the others would come first.
    await web.database.query('DELETE FROM tasks WHERE user_id <> $1', [ada.id])
    const { id } = await web.createTask(ada)
    const job = (kind: NewJob['kind'], unblocks: number | null) => ({ kind, params: {}, weight: 1, unblocks })
    const jobs = [job('chunk', 3), job('chunk', 3), job('audio', 3), job('stitch', null)]
    await web.jobs.expand(await web.claim(id), { sources: [], plan: {}, build: 'test', jobs })
    await web.jobs.complete(await claimNext(), {})
    return { id, held: await claimNext() }
  }
  async function claimNext() {
    const result = await web.jobs.claim(randomUUID(), 'test')
    if (result.kind !== 'claimed') throw new Error('No job to claim.')
    return result.claim
  }
  const stages = { chunks: { done: 1, running: 1, total: 2 }, audio: 'queued', stitch: 'queued' }

  test('shows its stages and the time left; the list does not', async () => {
    const { id } = await divided()
    const task = expectReply(getTask, await get(id), 200)
    expect(task).toMatchObject({ status: 'running', progress: 25, stages, seconds_left: expect.any(Number) })
    const { tasks } = expectReply(listTasks, await list({ max: 1 }), 200)
    expect(tasks[0]).toMatchObject({ id, progress: 25 })
    expect(Object.keys(tasks[0] ?? {})).not.toContain('stages')
  })

  test('keeps its finished chunks when it is retried', async () => {
    const { id, held } = await divided()
    await web.jobs.fail(held, { code: 'media.failed', message: 'It broke.' }, { usedUp: true })
    expect(expectReply(getTask, await get(id), 200)).toMatchObject({
      status: 'failed',
      failures: [{ code: 'media.failed', job: 'chunk' }],
      stages: { stitch: 'aborted' },
      seconds_left: null,
    })
    const before = web.queue.published.length
    const retried = await web.agent.post(`/tasks/${id}/retry`).set(as())
    expect(expectReply(retryTask, retried, 202)).toMatchObject({ status: 'running', error: null })
    expect(web.queue.published.length).toBe(before + 1)
    expect(expectReply(getTask, await get(id), 200).stages?.chunks).toEqual({
      done: 1,
      running: 0,
      total: 2,
    })
  })
})

describe('removing', () => {
  test('a queued task aborts it, and no worker can claim it', async () => {
    const { id } = await web.createTask(ada)
    const task = expectReply(deleteTask, await remove(id), 200)
    expect(task).toMatchObject({ status: 'aborted', finished_at: expect.any(String) })
    await expect(web.claim(id)).rejects.toThrow('no queued job')
  })

  test('a running task aborts it, and its worker is fenced out', async () => {
    const { id } = await web.createTask(ada)
    const claim = await web.claim(id)
    expect(await web.jobs.heartbeat(claim, 30)).toBe(true)
    expect(expectReply(getTask, await get(id), 200)).toMatchObject({ status: 'running', progress: 30 })
    expectReply(deleteTask, await remove(id), 200)
    expect(await web.jobs.heartbeat(claim, 40)).toBe(false)
    expect(await web.jobs.finish(claim, { sources: [], outputs: [] })).toBe(false)
    expect(expectReply(getTask, await get(id), 200).status).toBe('aborted')
  })

  test('a finished task removes its row and its files, and no others', async () => {
    const [gone, stays] = [await web.createTask(ada), await web.createTask(ada)]
    const removed = await web.finish(gone.id, { 'a.mp4': 'aaa', 'b.mp4': 'bbb' })
    const [kept] = await web.finish(stays.id, { 'a.mp4': 'kept' })
    expectReply(deleteTask, await remove(gone.id), 204)
    expectProblem(getTask, await get(gone.id), 'task.not_found')
    for (const { key } of removed) expect(await web.storage.stat(key)).toBeUndefined()
    expect(await web.storage.stat(kept?.key ?? '')).toMatchObject({ bytes: 4 })
    expectReply(getTask, await get(stays.id), 200)
  })
})

describe('retrying', () => {
  const retry = (id: string) => web.agent.post(`/tasks/${id}/retry`).set(as())

  test('queues a failed task and publishes its job', async () => {
    const { id } = await web.createTask(ada)
    const claim = await web.claim(id)
    await web.jobs.fail(
      claim,
      { code: 'media.unreadable', message: 'This is not a video.' },
      { usedUp: false },
    )
    const failed = expectReply(getTask, await get(id), 200)
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'media.unreadable' } })
    const before = web.queue.published.length
    expect(expectReply(retryTask, await retry(id), 202)).toMatchObject({ status: 'queued', error: null })
    expect(web.queue.published.slice(before)).toEqual([claim.jobId])
  })

  test('is refused for a task that has not failed', async () => {
    const { id } = await web.createTask(ada)
    expectProblem(retryTask, await retry(id), 'task.not_failed')
    await web.finish(id)
    expectProblem(retryTask, await retry(id), 'task.not_failed')
  })
})
