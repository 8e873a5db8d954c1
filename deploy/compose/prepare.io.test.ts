import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'

const calls: { call: string; body: string }[] = []
let status = 200
let emulators: Server
let host: string

/** Stands for both emulators and records every call. */
async function record(request: IncomingMessage): Promise<number> {
  calls.push({ call: `${request.method} ${request.url}`, body: await text(request) })
  return status
}

beforeAll(async () => {
  emulators = createServer(async (request, reply) => reply.writeHead(await record(request)).end())
  emulators.listen(0, '127.0.0.1')
  await once(emulators, 'listening')
  host = `127.0.0.1:${(emulators.address() as AddressInfo).port}`
})
beforeEach(() => void calls.splice(0))
afterAll(() => void emulators.close())

const prepare = () =>
  promisify(execFile)(process.execPath, [join(import.meta.dirname, 'prepare.mjs')], {
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

test('topics are created before their subscriptions, and the bucket is created', async () => {
  status = 200
  await prepare()
  expect(calls.map(({ call }) => call)).toEqual([
    'PUT /v1/projects/here/topics/cutroom-jobs',
    'PUT /v1/projects/here/topics/cutroom-dead-letters',
    'PUT /v1/projects/here/subscriptions/cutroom-jobs',
    'PUT /v1/projects/here/subscriptions/cutroom-dead-letters',
    'PUT /v1/projects/here/subscriptions/cutroom-dead-letters-kept',
    'POST /storage/v1/b',
  ])
  expect(JSON.parse(calls[2]?.body ?? '')).toMatchObject({
    topic: 'projects/here/topics/cutroom-jobs',
    ackDeadlineSeconds: 600,
    pushConfig: { pushEndpoint: 'http://batch:8081/push?token=a%2Fsecret' },
    deadLetterPolicy: { deadLetterTopic: 'projects/here/topics/cutroom-dead-letters' },
  })
})

test('resources that exist already are fine', async () => {
  status = 409
  await expect(prepare()).resolves.toBeDefined()
})

test('an error of the emulator is reported', async () => {
  status = 500
  await expect(prepare()).rejects.toThrow(/topics\/cutroom-jobs: 500/)
})
