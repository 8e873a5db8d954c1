import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'

const seen: { call: string; body: string }[] = []
let answers = 200
let emulators: Server
let host: string

/** Pub/Sub and Cloud Storage in one: notes each call. */
async function note(request: IncomingMessage): Promise<number> {
  seen.push({ call: `${request.method} ${request.url}`, body: await text(request) })
  return answers
}

beforeAll(async () => {
  emulators = createServer(async (request, reply) => reply.writeHead(await note(request)).end())
  emulators.listen(0, '127.0.0.1')
  await once(emulators, 'listening')
  host = `127.0.0.1:${(emulators.address() as AddressInfo).port}`
})
beforeEach(() => void seen.splice(0))
afterAll(() => void emulators.close())

const prepare = () =>
  promisify(execFile)(process.execPath, [join(import.meta.dirname, '../deploy/compose/prepare.mjs')], {
    env: {
      BATCH_URL: 'http://batch:8081',
      BUCKET: 'cutroom',
      GOOGLE_CLOUD_PROJECT: 'here',
      PUBSUB_EMULATOR_HOST: host,
      PUBSUB_TOPIC: 'cutroom-jobs',
      PUSH_SECRET: 'a/secret',
      STORAGE_EMULATOR_HOST: `http://${host}`,
    },
  })

test('topics come before the subscriptions to them, and the bucket is made', async () => {
  answers = 200
  await prepare()
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
    pushConfig: { pushEndpoint: 'http://batch:8081/push?token=a%2Fsecret' },
    deadLetterPolicy: { deadLetterTopic: 'projects/here/topics/cutroom-dead-letters' },
  })
})

test('a second start finds everything there and is content', async () => {
  answers = 409
  await expect(prepare()).resolves.toBeDefined()
})

test('an emulator that fails is said', async () => {
  answers = 500
  await expect(prepare()).rejects.toThrow(/topics\/cutroom-jobs: 500/)
})
