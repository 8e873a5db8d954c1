import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { operations } from '#shared/contract/operations.ts'
import type { Task } from '#shared/contract/tasks.ts'
import { expectFieldErrors, expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const { createTask, listTasks, getTask, deleteTask, retryTask, getOutput } = operations
const url = 'https://example.com/a.mp4'

let web: TestWeb
let ada: TestUser
beforeAll(async () => {
  web = await openTestWeb()
})
// Every test sees its own tasks alone.
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
const idsOf = (tasks: Task[]) => tasks.map(({ id }) => id)

describe('creating a task', () => {
  test('by url means the preset reel, is rung once, and is found where Location says', async () => {
    const reply = await post({ url })
    const task = expectReply(createTask, reply, 202)
    expect(task).toMatchObject({ status: 'queued', preset: 'reel', progress: 0, attempts: 0, outputs: [] })
    expect(task.recipe).toMatchObject({
      sources: [{ url, trim: { start: 0, duration: 18, at_most: true } }],
      frame: { width: 640, height: 360 },
    })
    expect(reply.headers.location).toBe(`/tasks/${task.id}`)
    expect(expectReply(getTask, await get(task.id), 200)).toEqual(task)
    const [job] = await web.database.query<{ id: string }>('SELECT id FROM jobs WHERE task_id = $1', [
      task.id,
    ])
    expect(web.queue.published.filter((id) => id === job?.id)).toHaveLength(1)
  })

  test('by upload keeps the upload as its source', async () => {
    const upload_id = await web.createUpload(ada)
    const task = expectReply(createTask, await post({ upload_id, preset: 'mp3' }), 202)
    expect(task).toMatchObject({ preset: 'mp3', recipe: { sources: [{ upload_id }] } })
  })

  test('of several sources joins them in order, and a trim of its own wins', async () => {
    const sources = [{ url }, { url: `${url}?2`, trim: { start: 2, duration: 3 } }]
    const { recipe } = expectReply(createTask, await post({ sources, preset: 'reel' }), 202)
    expect(recipe.sources.map((source) => [source.url, source.trim?.duration])).toEqual([
      [url, 18],
      [`${url}?2`, 3],
    ])
  })

  test('by recipe keeps what was asked for', async () => {
    const recipe = {
      sources: [{ url, trim: { start: 1, duration: 5 } }],
      frame: { width: 1280, height: 720, fit: 'crop' },
      output: { format: 'webm', quality: 'high' },
    }
    const task = expectReply(createTask, await post({ recipe }), 202)
    expect(task.preset).toBeNull()
    expect(task.recipe).toMatchObject(recipe)
  })

  test.each(['url', 'upload_id', 'sources'])('by recipe applies it to the %s beside it', async (field) => {
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
  })

  test.each([
    ['nothing', {}, ['url']],
    ['a recipe without a source', { recipe: {} }, ['url']],
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
  ])('of %s is refused, each field by name', async (_, body, paths) => {
    expectFieldErrors(createTask, await post(body), paths)
    expect(expectReply(listTasks, await list(), 200).tasks).toEqual([])
  })

  test('of an upload without bytes, or of none, is refused', async () => {
    const { body } = await web.agent.post('/uploads').set(as()).send({})
    expectProblem(createTask, await post({ upload_id: body.upload_id }), 'upload.missing')
    expectProblem(createTask, await post({ upload_id: randomUUID() }), 'upload.not_found')
  })

  test('of an address inside is refused with the field named, and nothing is written', async () => {
    const { errors } = expectProblem(
      createTask,
      await post({ url: 'http://10.0.0.1/a.mp4' }),
      'source.refused',
    )
    expect(errors).toMatchObject([{ path: 'url' }])
    expect(expectReply(listTasks, await list(), 200).tasks).toEqual([])
  })

  test('is accepted while the queue is down, and left to be rung again', async () => {
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
  test('is of its owner alone, newest first, 20 at most unless asked otherwise', async () => {
    const made = []
    for (let i = 0; i < 22; i++) made.push((await web.createTask(ada)).id)
    await web.createTask(await web.signUp())

    const page = expectReply(listTasks, await list(), 200)
    expect(idsOf(page.tasks)).toEqual(made.toReversed().slice(0, 20))
    const rest = expectReply(listTasks, await list({ page: page.next_page ?? '' }), 200)
    expect(idsOf(rest.tasks)).toEqual(made.slice(0, 2).toReversed())
    expect(rest.next_page).toBeNull()
    const oldest = expectReply(listTasks, await list({ order: 0, max: 4 }), 200)
    expect(idsOf(oldest.tasks)).toEqual(made.slice(0, 4))
  })

  test('by status holds those alone, page by page', async () => {
    const tasks = []
    for (let i = 0; i < 5; i++) tasks.push((await web.createTask(ada)).id)
    for (const id of tasks.slice(0, 3)) await remove(id)
    const first = expectReply(listTasks, await list({ status: 'aborted', max: 2 }), 200)
    const next = await list({ status: 'aborted', max: 2, page: first.next_page ?? '' })
    const second = expectReply(listTasks, next, 200)
    expect(idsOf([...first.tasks, ...second.tasks])).toEqual(tasks.slice(0, 3).toReversed())
    expect(second.next_page).toBeNull()
  })

  test.each(['0', '1'])('in order %s shows each task once while others are being added', async (order) => {
    const before: string[] = []
    for (let i = 0; i < 9; i++) before.push((await web.createTask(ada)).id)
    // Tasks of one moment: only their ids tell them apart.
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

describe('removing', () => {
  test('a waiting task aborts it, and nobody can take it up', async () => {
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

  test('a finished task takes its row and its files, and no others', async () => {
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

describe('trying again', () => {
  const retry = (id: string) => web.agent.post(`/tasks/${id}/retry`).set(as())

  test('queues a failed task and rings for it', async () => {
    const { id } = await web.createTask(ada)
    const claim = await web.claim(id)
    await web.jobs.fail(claim, { code: 'media.unreadable', message: 'This is no video.' }, { usedUp: false })
    const failed = expectReply(getTask, await get(id), 200)
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'media.unreadable' } })
    const before = web.queue.published.length
    expect(expectReply(retryTask, await retry(id), 202)).toMatchObject({ status: 'queued', error: null })
    expect(web.queue.published.slice(before)).toEqual([claim.jobId])
  })

  test('is for failed tasks alone', async () => {
    const { id } = await web.createTask(ada)
    expectProblem(retryTask, await retry(id), 'task.not_failed')
    await web.finish(id)
    expectProblem(retryTask, await retry(id), 'task.not_failed')
  })
})

describe('an output', () => {
  const text = '0123456789'
  const read = (id: string, name = 'clip-1.mp4') =>
    web.agent
      .get(`/tasks/${id}/outputs/${encodeURIComponent(name)}`)
      .set(as())
      .buffer(true)
      .parse((res, done) => {
        let got = ''
        res.on('data', (chunk) => {
          got += chunk
        })
        res.on('end', () => done(null, got))
      })
  async function made(files: Record<string, string> = { 'clip-1.mp4': text }) {
    const { id } = await web.createTask(ada)
    await web.finish(id, files)
    return id
  }

  test('is linked from its task and gives its bytes', async () => {
    const id = await made()
    const { outputs } = expectReply(getTask, await get(id), 200)
    expect(outputs).toEqual([
      {
        name: 'clip-1.mp4',
        content_type: 'video/mp4',
        bytes: 10,
        url: `${web.config.publicUrl}/tasks/${id}/outputs/clip-1.mp4`,
      },
    ])
    const reply = await web.agent.get(web.pathOf(outputs[0]?.url ?? '')).set(as())
    expect({ status: reply.status, bytes: String(reply.body) }).toEqual({ status: 200, bytes: text })
    expect(reply.headers).toMatchObject({
      'content-type': 'video/mp4',
      'content-length': '10',
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-store',
      'content-disposition': 'attachment; filename=clip-1.mp4',
      'x-content-type-options': 'nosniff',
    })
  })

  test.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=0-0', '0', 'bytes 0-0/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
  ])('gives the range %s', async (range, bytes, contentRange) => {
    const reply = await read(await made()).set('Range', range)
    expect({ status: reply.status, bytes: reply.body }).toEqual({ status: 206, bytes })
    expect(reply.headers['content-range']).toBe(contentRange)
    expect(reply.headers['content-length']).toBe(String(bytes.length))
  })

  test.each(['bytes=0-1,4-5', 'bytes=x', 'seconds=1-2'])(
    'gives the whole for the range %s',
    async (range) => {
      const reply = await read(await made()).set('Range', range)
      expect({ status: reply.status, bytes: reply.body }).toEqual({ status: 200, bytes: text })
    },
  )

  test('refuses a range beyond its end and says how long it is', async () => {
    const id = await made()
    const reply = await web.agent.get(`/tasks/${id}/outputs/clip-1.mp4`).set(as()).set('Range', 'bytes=10-')
    expectProblem(getOutput, reply, 'request.range_not_satisfiable')
    expect(reply.headers['content-range']).toBe('bytes */10')
  })

  test('tells its length to HEAD', async () => {
    const id = await made()
    const reply = await web.agent.head(`/tasks/${id}/outputs/clip-1.mp4`).set(as())
    expect(reply.status).toBe(200)
    expect(reply.headers).toMatchObject({ 'content-length': '10', 'content-type': 'video/mp4' })
    expect(reply.text).toBeUndefined()
  })

  test('may be empty', async () => {
    const reply = await read(await made({ 'a.mp4': '' }), 'a.mp4')
    expect({ status: reply.status, bytes: reply.body }).toEqual({ status: 200, bytes: '' })
  })

  test('that nobody reads on is closed', async () => {
    const id = await made({ 'a.mp4': 'x'.repeat(8_000_000) })
    const read = jest.spyOn(web.storage, 'read')
    const leaving = new AbortController()
    const options = { headers: as(), signal: leaving.signal }
    const reply = await fetch(`${web.url}/tasks/${id}/outputs/a.mp4`, options)
    await reply.body?.getReader().read()
    const file = await (read.mock.results[0]?.value as Promise<Readable>)
    read.mockRestore()
    leaving.abort()
    if (!file.closed) await new Promise((resolve) => file.once('close', resolve))
    expect(file.readableEnded).toBe(false)
  })

  test('that the task does not have is not found', async () => {
    const id = await made()
    for (const name of ['other.mp4', '../a.mp4', '..%2f..%2fpasswd', '%00']) {
      const reply = await web.agent.get(`/tasks/${id}/outputs/${encodeURIComponent(name)}`).set(as())
      expectProblem(getOutput, reply, 'output.not_found')
    }
  })

  test('whose file is gone says so in a problem, and not in the dress of the file', async () => {
    const { id } = await web.createTask(ada)
    const [output] = await web.finish(id, { 'a.mp4': text })
    await web.storage.remove(output?.key ?? '')
    const reply = await web.agent.get(`/tasks/${id}/outputs/a.mp4`).set(as()).set('Range', 'bytes=0-1')
    expectProblem(getOutput, reply, 'storage.not_found')
    expect(reply.headers).not.toHaveProperty('content-range')
    expect(reply.headers).not.toHaveProperty('content-disposition')
  })
})
