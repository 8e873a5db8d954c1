import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from '@jest/globals'

type Seen = { call: string; authorization: string | undefined; body: string }

const seen: Seen[] = []
let batchAnswers = 204
let cloud: Server
let relay: ChildProcess
let relayUrl: string

/** Pub/Sub, Cloud Storage and batch in one: notes each call. */
async function answer(request: IncomingMessage): Promise<number> {
  const { method, url, headers } = request
  seen.push({ call: `${method} ${url}`, authorization: headers.authorization, body: await text(request) })
  return url === '/push' ? batchAnswers : 200
}

beforeAll(async () => {
  cloud = createServer(async (request, reply) => reply.writeHead(await answer(request)).end()).listen(
    0,
    '127.0.0.1',
  )
  await once(cloud, 'listening')
  const host = `127.0.0.1:${(cloud.address() as AddressInfo).port}`
  const spare = createServer().listen(0, '127.0.0.1')
  await once(spare, 'listening')
  const port = (spare.address() as AddressInfo).port
  spare.close()
  relayUrl = `http://127.0.0.1:${port}`
  relay = spawn(process.execPath, [join(import.meta.dirname, '../deploy/compose/relay.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      BATCH_URL: `http://${host}`,
      BUCKET: 'cutroom',
      GOOGLE_CLOUD_PROJECT: 'here',
      PUBSUB_EMULATOR_HOST: host,
      PUBSUB_TOPIC: 'cutroom-jobs',
      PUSH_SECRET: 'the secret',
      RELAY_PORT: String(port),
      RELAY_URL: relayUrl,
      STORAGE_EMULATOR_HOST: `http://${host}`,
    },
  })
  await once(relay.stdout as NodeJS.ReadableStream, 'data')
})
afterAll(() => {
  relay.kill()
  cloud.close()
})

test('topics come before the subscriptions to them, and the bucket is made', () => {
  expect(seen.map(({ call }) => call)).toEqual([
    'PUT /v1/projects/here/topics/cutroom-jobs',
    'PUT /v1/projects/here/topics/cutroom-dead-letters',
    'PUT /v1/projects/here/subscriptions/cutroom-jobs',
    'PUT /v1/projects/here/subscriptions/cutroom-dead-letters',
    'PUT /v1/projects/here/subscriptions/cutroom-dead-letters-kept',
    'POST /storage/v1/b',
  ])
  expect(JSON.parse(seen[2]?.body ?? '')).toMatchObject({
    topic: 'projects/here/topics/cutroom-jobs',
    ackDeadlineSeconds: 600,
    pushConfig: { pushEndpoint: `${relayUrl}/push` },
    deadLetterPolicy: { deadLetterTopic: 'projects/here/topics/cutroom-dead-letters' },
  })
})

test.each([204, 429, 503])('a push reaches batch with the secret, and %i goes back', async (status) => {
  batchAnswers = status
  const reply = await fetch(`${relayUrl}/push`, { method: 'POST', body: '{"message":{}}' })
  expect(reply.status).toBe(status)
  expect(seen.at(-1)).toEqual({
    call: 'POST /push',
    authorization: 'Bearer the secret',
    body: '{"message":{}}',
  })
})

test('it says when it is ready', async () => {
  expect((await fetch(`${relayUrl}/health`)).status).toBe(200)
})
