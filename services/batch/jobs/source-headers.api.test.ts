import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { sourceHeadersReader } from '#shared/tasks/source-headers.ts'
import { openTestWeb, type TestUser, type TestWeb } from '#test/web-app.ts'
import { createSources, type Sources } from '../sources/open-source.ts'
import { type RangeServer, startRangeServer } from '../sources/range-server.ts'
import { answerWith, startTestHost, type TestHost } from '../sources/testing/source-host.ts'
import { processJob } from './process-job.ts'
import { recordingLog, renderOnly } from './testing/fakes.ts'
import { jobDeps } from './testing/job-deps.ts'

const DATA = Buffer.from('a private film')
const { log, lines } = recordingLog()

let web: TestWeb
let ada: TestUser
let host: TestHost
/** What the host accepts. */
let accepted: string
let rangeServer: RangeServer
let sources: Sources
let scratchDir: string
beforeAll(async () => {
  host = await startTestHost((request, response) =>
    request.headers.authorization === accepted
      ? answerWith(DATA, request, response)
      : response.writeHead(403).end(),
  )
  web = await openTestWeb({ env: { SOURCE_ALLOW_HOSTS: host.hostPort } })
  ada = await web.signUp()
  rangeServer = await startRangeServer(log)
  sources = createSources({ storage: web.storage, limits: web.config.sources, rangeServer, log })
  scratchDir = await mkdtemp(join(tmpdir(), 'cutroom-headers-'))
})
afterEach(async () => {
  expect(JSON.stringify(lines)).not.toContain('s3cret')
  await web.database.query('DELETE FROM tasks')
})
afterAll(async () => {
  await sources.close()
  await rangeServer.close()
  await web.close()
  await host.close()
  await rm(scratchDir, { recursive: true })
})

/** Processes the only job there is. The engine reads the source as ffmpeg would and renders nothing. */
async function processTask(sealingKeys = web.config.sealingKeys) {
  const read: string[] = []
  const media = renderOnly(async (recipe, files) => {
    expect(JSON.stringify(recipe)).not.toContain('s3cret')
    for (const { url } of files.sources) read.push(await (await fetch(url)).text())
    return { sources: [], outputs: [] }
  })
  const deps = {
    ...jobDeps(web, { media, sources, scratchDir, log }),
    sourceHeaders: sourceHeadersReader(web.database, sealingKeys),
  }
  const outcome = await processJob('00000000-0000-4000-8000-000000000000', deps, new AbortController().signal)
  return { outcome, read }
}

const create = (Authorization: string) =>
  web.createTask(ada, { sources: [{ url: `${host.origin}/film`, headers: { Authorization } }] })
const find = async (id: string) => {
  const { body } = await web.agent.get(`/tasks/${id}`).set('Authorization', web.bearer(ada))
  return body
}
const retry = (id: string) =>
  web.agent.post(`/tasks/${id}/retry`).set('Authorization', web.bearer(ada)).expect(202)
const countStored = async () => (await web.database.query('SELECT 1 FROM source_headers')).length

test('a private source is read with its headers, which are deleted afterwards', async () => {
  accepted = 'Bearer s3cret'
  const { id } = await create('Bearer s3cret')
  expect(await processTask()).toEqual({ outcome: 'done', read: ['a private film'] })
  expect(await find(id)).toMatchObject({
    status: 'succeeded',
    recipe: { sources: [{ headers: { Authorization: '[hidden]' } }] },
  })
  expect(await countStored()).toBe(0)
})

test('a task that the host denied can be retried with its headers, which show nowhere', async () => {
  accepted = 'Bearer something else'
  const { id } = await create('Bearer s3cret')
  expect(await processTask()).toMatchObject({ outcome: 'failed' })
  const failed = await find(id)
  expect(failed).toMatchObject({ status: 'failed', error: { code: 'source.denied' } })
  expect(failed.error.message).toContain('Check that the `headers` of the source are right')
  expect(JSON.stringify(failed)).not.toContain('s3cret')

  accepted = 'Bearer s3cret'
  await retry(id)
  expect(await processTask()).toEqual({ outcome: 'done', read: ['a private film'] })
})

test('a worker with the wrong key sends nothing, names the setting, and leaves the task to others', async () => {
  accepted = 'Bearer s3cret'
  const { id } = await create('Bearer s3cret')
  const before = host.requests.length
  expect(await processTask([Buffer.alloc(32)])).toMatchObject({ outcome: 'retry' })
  expect(host.requests).toHaveLength(before)
  expect(await find(id)).toMatchObject({
    status: 'queued',
    failures: [{ code: 'service.wrong_key', message: expect.stringContaining('SECRETS_KEY') }],
  })
  expect(lines).toContainEqual(
    expect.objectContaining({ event: 'attempt failed', code: 'service.wrong_key' }),
  )
  await web.database.query('UPDATE jobs SET run_after = now()')
  expect(await processTask()).toMatchObject({ outcome: 'done' })
})
