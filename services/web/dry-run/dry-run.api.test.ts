import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { DryRunRequest, DryRunResult } from '#shared/contract/dry-run.ts'
import { operations } from '#shared/contract/operations.ts'
import { eventually } from '#test/e2e/processes.ts'
import { expectFieldErrors, expectProblem, expectReply } from '#test/expect-reply.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'

const RESULT: DryRunResult = {
  sources: [],
  problem: null,
  outputs: [
    {
      name: 'output.mp4',
      content_type: 'video/mp4',
      seconds: 20,
      width: 640,
      height: 360,
      estimated_bytes: 1_600_000,
    },
  ],
  bytes_to_read: 6_000_000,
  chunks: 1,
  cpu_seconds: 5.8,
  estimated_seconds: 3.4,
  seconds_on_workers: [{ workers: 1, seconds: 3.4 }],
  limit_seconds: 480,
  fits: true,
}
const reel = { url: 'https://example.com/a.mp4', preset: 'reel' }

/** The requests that batch received, and its reply. */
let requests: {
  path: string | undefined
  authorization: string | undefined
  body: DryRunRequest
  /** Whether it has ended without a reply. */
  closed?: boolean
}[]
let batchReply: { status: number; type?: string; body: unknown; headers?: Record<string, string> }
/** Delays the replies of batch until it resolves. */
let gate: Promise<void> | undefined
let batch: Server
let web: TestWeb
let ada: TestUser

beforeAll(async () => {
  batch = createServer(async (req, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk)
    const request: (typeof requests)[number] = {
      path: req.url,
      authorization: req.headers.authorization,
      body: JSON.parse(Buffer.concat(chunks).toString()),
    }
    requests.push(request)
    res.once('close', () => (request.closed = !res.writableFinished))
    await gate
    res.writeHead(batchReply.status, {
      'content-type': batchReply.type ?? 'application/json',
      ...batchReply.headers,
    })
    res.end(typeof batchReply.body === 'string' ? batchReply.body : JSON.stringify(batchReply.body))
  })
  batch.listen(0, '127.0.0.1')
  await once(batch, 'listening')
  const { port } = batch.address() as AddressInfo
  web = await openTestWeb({ env: { BATCH_URL: `http://127.0.0.1:${port}` } })
  ada = await web.signUp()
})
beforeEach(() => {
  requests = []
  gate = undefined
  batchReply = { status: 200, body: RESULT }
})
afterAll(async () => {
  await web.close()
  batch.close()
  batch.closeAllConnections()
})

const dryRun = (body: object = reel, flag = '1') =>
  web.agent.post(`/tasks?dry_run=${flag}`).set('Authorization', web.bearer(ada)).send(body)

const problem = (status: number, code: string, more = {}) => ({
  status,
  type: 'application/problem+json',
  body: {
    type: 'about:blank',
    title: 'Title from batch',
    status,
    code,
    detail: 'Message from batch.',
    ...more,
  },
})

const tasksOfAda = async () => {
  const { body } = await web.agent.get('/tasks').set('Authorization', web.bearer(ada)).expect(200)
  return body.tasks
}

describe('a dry run', () => {
  test.each(['1', 'true'])(
    'with dry_run=%s returns the result of batch and creates no task',
    async (flag) => {
      expect(expectReply(operations.createTask, await dryRun(reel, flag), 200)).toEqual(RESULT)
      expect(await tasksOfAda()).toEqual([])
      expect(web.queue.published).toEqual([])
    },
  )

  test('sends batch the request headers of its sources, and logs and stores none of them', async () => {
    const sources = [{ url: reel.url, headers: { Authorization: 'Bearer s3cret' } }]
    batchReply = { status: 500, body: 'failed' }
    await dryRun({ sources }).expect(503)
    expect(requests[0]?.body.recipe.sources).toMatchObject(sources)
    expect(web.log.lines.length).toBeGreaterThan(0)
    expect(JSON.stringify(web.log.lines)).not.toContain('s3cret')
    expect(await web.database.query('SELECT 1 FROM source_headers')).toEqual([])
    web.log.takeErrors()
  })

  test('sends batch the shared secret, the user and the complete recipe', async () => {
    await dryRun().expect(200)
    expect(requests).toMatchObject([
      {
        path: '/dry-run',
        authorization: `Bearer ${web.config.push.secret}`,
        body: {
          user_id: ada.id,
          recipe: {
            sources: [{ url: reel.url, trim: { duration: 18, at_most: true } }],
            frame: { width: 640, height: 360 },
          },
        },
      },
    ])
  })

  test('requires a token', async () => {
    const response = await web.agent.post('/tasks?dry_run=1').send(reel)
    expectProblem(operations.createTask, response, 'auth.required')
    expect(requests).toEqual([])
  })

  test('refuses what a task refuses, without a request to batch', async () => {
    expectFieldErrors(operations.createTask, await dryRun({ ...reel, preset: 'nothing' }), ['preset'])
    const stranger = await web.signUp()
    const upload_id = await web.createUpload(stranger)
    expectProblem(operations.createTask, await dryRun({ upload_id }), 'upload.not_found')
    expect(requests).toEqual([])
  })

  test('refuses a form, whose file would have to be stored', async () => {
    const response = await web.agent
      .post('/tasks?dry_run=1')
      .set('Authorization', web.bearer(ada))
      .attach('file', Buffer.from('bytes'), 'a.mp4')
    expectProblem(operations.createTask, response, 'request.unsupported_type')
    const uploads = await web.database.query('SELECT id FROM uploads WHERE user_id = $1', [ada.id])
    expect(uploads).toEqual([])
  })

  test('is limited to one at a time for each user', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    gate = promise
    const first = dryRun()
    const firstDone = first.then((response) => response)
    await eventually('batch receives the request', 5_000, async () => requests.length === 1)
    const second = await dryRun()
    expectProblem(operations.createTask, second, 'request.rate_limited')
    expect(second.headers['retry-after']).toBe('1')

    const other = web.agent.post('/tasks?dry_run=1').set('Authorization', web.bearer(await web.signUp()))
    const otherDone = other.send(reel).then((response) => response)
    await eventually('batch receives the request of another user', 5_000, async () => requests.length === 2)
    resolve()
    for (const done of [firstDone, otherDone]) expect((await done).status).toBe(200)
    await dryRun().expect(200)
  })

  test('ends in batch when its client disconnects, and gives the turn of its user back', async () => {
    web.log.lines.splice(0)
    const { promise, resolve } = Promise.withResolvers<void>()
    gate = promise
    const left = new AbortController()
    const abandoned = fetch(`${web.url}/tasks?dry_run=1`, {
      method: 'POST',
      headers: { Authorization: web.bearer(ada), 'Content-Type': 'application/json' },
      body: JSON.stringify(reel),
      signal: left.signal,
    })
    await eventually('batch receives the request', 5_000, async () => requests.length === 1)
    left.abort()
    await expect(abandoned).rejects.toThrow()
    await eventually('the request to batch has ended', 5_000, async () => requests[0]?.closed === true)
    gate = undefined
    await dryRun().expect(200)
    resolve()
    expect(web.log.lines).toEqual([])
  })

  test('refuses an unknown value of dry_run', async () => {
    expectFieldErrors(operations.createTask, await dryRun(reel, 'maybe'), ['dry_run'])
  })

  test.each([
    ['/tasks?dryrun=1', 'dryrun'],
    ['/tasks/batch?dry_run=1', 'dry_run'],
  ])('that is misspelt, %s, creates nothing', async (path, field) => {
    const body = path.startsWith('/tasks/batch') ? { tasks: [reel] } : reel
    const reply = await web.agent.post(path).set('Authorization', web.bearer(ada)).send(body)
    const { errors } = expectProblem(operations.createTask, reply, 'request.invalid')
    expect(errors).toEqual([{ path: field, message: 'unknown query parameter' }])
    expect(await tasksOfAda()).toEqual([])
  })

  test('names the URLs of a destination that no output would be sent to', async () => {
    const urlsFor = (...names: string[]) => ({
      ...reel,
      destination: {
        urls: Object.fromEntries(names.map((name) => [name, `https://store.example/${name}?signature=s`])),
      },
    })
    const reply = await dryRun(urlsFor('output.mp4', 'output.webm'))
    const { errors } = expectProblem(operations.createTask, reply, 'destination.unmatched')
    expect(errors).toMatchObject([{ path: 'destination.urls.output.webm' }])
    expectReply(operations.createTask, await dryRun(urlsFor('output.mp4')), 200)
  })
})

test.each(['0', 'false'])('dry_run=%s creates a task', async (flag) => {
  const task = expectReply(operations.createTask, await dryRun(reel, flag), 202)
  expect(await tasksOfAda()).toMatchObject([{ id: task.id }])
  expect(requests).toEqual([])
  await web.agent.delete(`/tasks/${task.id}`).set('Authorization', web.bearer(ada)).expect(200)
  await web.agent.delete(`/tasks/${task.id}`).set('Authorization', web.bearer(ada)).expect(204)
})

describe('an error of batch', () => {
  test('about the recipe is passed on with its code and message', async () => {
    batchReply = problem(422, 'media.impossible')
    const { detail } = expectProblem(operations.createTask, await dryRun(), 'media.impossible')
    expect(detail).toBe('Message from batch.')
  })

  test.each([
    ['is busy', problem(429, 'service.busy')],
    ['shuts down', problem(503, 'service.stopping')],
    ['fails', problem(500, 'internal.bug')],
    ['does not accept the token', problem(403, 'auth.forbidden')],
    ['is another server', { status: 404, type: 'text/html', body: '<h1>Not here</h1>' }],
    ['replies with an unknown code', problem(422, 'batch.newer')],
    ['replies with something else', { status: 200, body: { hello: 'world' } }],
    ['breaks off its reply', { status: 200, body: '{"sources":' }],
    ['redirects', { status: 307, body: {}, headers: { location: 'http://127.0.0.1:9/' } }],
  ])('becomes a 503 with Retry-After when it %s', async (_, given) => {
    batchReply = given
    const response = await dryRun()
    expectProblem(operations.createTask, response, 'dry_run.unavailable')
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0)
  })
})

test('an unreachable batch is a 503 with Retry-After', async () => {
  const alone = await openTestWeb({ env: { BATCH_URL: 'http://127.0.0.1:9' } })
  try {
    const response = await alone.agent
      .post('/tasks?dry_run=1')
      .set('Authorization', alone.bearer(await alone.signUp()))
      .send(reel)
    expectProblem(operations.createTask, response, 'dry_run.unavailable')
    expect(response.headers['retry-after']).toBe('5')
  } finally {
    await alone.close()
  }
})
