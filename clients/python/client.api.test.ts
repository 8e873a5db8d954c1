import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Webhook } from 'standardwebhooks'
import { type Operation, operations } from '../../services/shared/contract/operations.ts'
import { hasPython } from '../../test/python.ts'
import { openTestWeb, type TestUser, type TestWeb } from '../../test/web-app.ts'
import { createClient } from '../typescript/src/client.ts'

const run = promisify(execFile)

let web: TestWeb
let user: TestUser
beforeAll(async () => {
  web = await openTestWeb()
  user = await web.signUp()
})
afterAll(() => web.close())

/** Ends each task as its metadata asks, as a worker would, until `signal` is aborted. */
async function work(signal: AbortSignal): Promise<void> {
  const client = createClient({ baseUrl: web.url, apiKey: user.token })
  try {
    for await (const { type, data } of client.events({ after: 0, types: ['task.created'], signal })) {
      if (type !== 'task.created') continue
      const { metadata } = await client.tasks.get(data.id)
      if (metadata.end === 'abort') await client.tasks.delete(data.id)
      else await web.finish(data.id, { 'output.mp3': 'audio' })
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

const testWithPython = (await hasPython()) ? test : test.skip

testWithPython(
  'the Python client passes its tests against the service',
  async () => {
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
    const [id, at, body] = ['d5f5', new Date(), JSON.stringify({ type: 'task.succeeded' })]
    const headers = {
      'Webhook-Id': id,
      'Webhook-Timestamp': String(Math.floor(at.getTime() / 1000)),
      'Webhook-Signature': `v1,b3RoZXI= ${new Webhook(secret).sign(id, at, body)}`,
    }
    const calledByUrl = Object.values<Operation>(operations).filter(({ access }) => access === 'link')
    const env = {
      PATH: process.env.PATH,
      PYTHONDONTWRITEBYTECODE: '1',
      // Links in replies start with the public URL, where no server listens in this test.
      http_proxy: web.url,
      no_proxy: '127.0.0.1',
      CUTROOM_URL: web.config.publicUrl,
      CUTROOM_API_KEY: user.token,
      WEBHOOK: JSON.stringify({ secret, headers, body }),
      OPENAPI: join(import.meta.dirname, '../../docs/openapi.json'),
      CALLED_BY_URL: calledByUrl.map(({ id }) => id).join(','),
    }
    const stop = new AbortController()
    const working = work(stop.signal)
    const ended = run('python3', ['-m', 'unittest', '-v', 'test_client'], { cwd: import.meta.dirname, env })
    const { stderr } = await ended.catch(({ stderr }) => ({ stderr }))
    stop.abort()
    await working
    expect(stderr).toMatch(/\nOK\n$/)
  },
  60_000,
)
