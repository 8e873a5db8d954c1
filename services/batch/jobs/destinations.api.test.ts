import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'
import { createDelivery, type Delivery } from '../destinations/deliver-outputs.ts'
import { WITHOUT_STREAMS } from '../media/execute/check-output.ts'
import type { Sources } from '../sources/open-source.ts'
import { startTestHost, type TestHost } from '../sources/testing/source-host.ts'
import { processJob } from './process-job.ts'
import { recordingLog, renderOnly } from './testing/fakes.ts'
import { jobDeps } from './testing/job-deps.ts'

const { log, lines } = recordingLog()

let web: TestWeb
let ada: TestUser
let host: TestHost
let delivery: Delivery
let scratchDir: string
/** How the host answers, and what it has. */
let status: number
let objects: Record<string, string>
beforeAll(async () => {
  host = await startTestHost(async (request, response) => {
    const body = await text(request)
    if (status === 200) objects[request.url ?? ''] = body
    response.writeHead(status).end()
  })
  web = await openTestWeb({ env: { SOURCE_ALLOW_HOSTS: host.hostPort } })
  ada = await web.signUp()
  const guard = { allowHosts: [host.hostPort], readTimeoutMs: 5_000 }
  delivery = createDelivery({ storage: web.storage, guard, log, delay: { baseMs: 1, maxMs: 1, jitter: 0 } })
  scratchDir = await mkdtemp(join(tmpdir(), 'cutroom-destinations-'))
})
afterEach(async () => {
  expect(JSON.stringify(lines)).not.toContain('s3cret')
  await web.database.query('DELETE FROM tasks')
})
afterAll(async () => {
  await delivery.close()
  await web.close()
  await host.close()
  await rm(scratchDir, { recursive: true })
})

const sources = {
  open: async () => ({ input: { url: 'file:a', inputOptions: [] }, close: async () => {} }),
  waitedMs: () => 0,
} as unknown as Sources

/** Processes the only job there is, whose output is a small file. */
async function processTask() {
  await web.database.query('UPDATE jobs SET run_after = now() WHERE waits_for = 0')
  const media = renderOnly(async (_, __, { outputDir }) => {
    const path = join(outputDir, 'output.mp3')
    await writeFile(path, 'music')
    const output = { name: 'output.mp3', path, content_type: 'audio/mpeg', bytes: 5 }
    return { sources: [], outputs: [{ ...WITHOUT_STREAMS, ...output }] }
  })
  const deps = { ...jobDeps(web, { media, sources, scratchDir, log }), storage: web.storage, delivery }
  return processJob(undefined, deps, new AbortController().signal)
}

const create = () =>
  web.createTask(ada, {
    url: 'https://example.com/a.mp4',
    preset: 'mp3',
    destination: { urls: { 'output.mp3': `${host.origin}/17.mp3?signature=s3cret` } },
  })
const find = async (id: string) =>
  (await web.agent.get(`/tasks/${id}`).set('Authorization', web.bearer(ada)).expect(200)).body
const stored = async () => (await web.database.query('SELECT 1 FROM task_destinations')).length

test('outputs arrive at the destination before the task succeeds, and its secrets are deleted', async () => {
  ;[status, objects] = [200, {}]
  const { id } = await create()
  expect(await processTask()).toBe('done')
  expect(objects).toEqual({ '/17.mp3?signature=s3cret': 'music' })
  const task = await find(id)
  expect(task).toMatchObject({
    status: 'succeeded',
    destination: { urls: { 'output.mp3': '[hidden]' } },
    outputs: [{ name: 'output.mp3', destination: `${host.origin}/17.mp3` }],
  })
  expect(JSON.stringify(task)).not.toContain('s3cret')
  expect(await stored()).toBe(0)
})

test('a destination that denies access fails the task, which can be retried with it', async () => {
  ;[status, objects] = [403, {}]
  const { id } = await create()
  expect(await processTask()).toBe('failed')
  expect(await find(id)).toMatchObject({
    status: 'failed',
    error: { code: 'destination.denied' },
    outputs: [],
  })
  expect(await stored()).toBe(1)
  const left = []
  for await (const object of web.storage.list(`tasks/${id}/`)) left.push(object)
  expect(left).toEqual([])

  status = 200
  await web.agent.post(`/tasks/${id}/retry`).set('Authorization', web.bearer(ada)).expect(202)
  expect(await processTask()).toBe('done')
  expect(await find(id)).toMatchObject({ status: 'succeeded' })
})

test('a destination that cannot be reached is tried again with the job', async () => {
  ;[status, objects] = [503, {}]
  const { id } = await create()
  expect(await processTask()).toBe('retry')
  expect(await find(id)).toMatchObject({ status: 'queued', failures: [{ code: 'destination.unavailable' }] })
  status = 200
  expect(await processTask()).toBe('done')
  expect(Object.values(objects)).toEqual(['music'])
})

test('a retry after the destination was deleted says so', async () => {
  ;[status, objects] = [403, {}]
  const { id } = await create()
  await processTask()
  await web.database.query('DELETE FROM task_destinations')
  await web.agent.post(`/tasks/${id}/retry`).set('Authorization', web.bearer(ada)).expect(202)
  expect(await processTask()).toBe('failed')
  expect(await find(id)).toMatchObject({ error: { code: 'destination.expired' } })
})
