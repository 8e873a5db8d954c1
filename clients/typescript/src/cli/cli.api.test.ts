import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals'
import { openTestWeb, type TestUser, type TestWeb } from '../../../../test/web-app.ts'
import { createClient } from '../client.ts'
import { verifyWebhook } from '../webhooks.ts'
import { type Ended, runCutroom } from './testing/run-cutroom.ts'

const SOURCE = 'https://media.example/talk.mp4'

// Each command is a process of its own.
jest.setTimeout(60_000)

let web: TestWeb
let user: TestUser
let receiver: Server
/** What the receiver got, and the status that it replies. */
let received: { headers: Record<string, string>; body: string }[]
let status: number
beforeAll(async () => {
  web = await openTestWeb()
  user = await web.signUp()
  receiver = createServer(async (request, response) => {
    received.push({ headers: request.headers as Record<string, string>, body: await text(request) })
    response.writeHead(status).end()
  })
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
})
afterAll(async () => {
  receiver?.close()
  await web?.close()
})
beforeEach(() => {
  received = []
  status = 204
})

/** Runs `cutroom` as the user. */
const cutroom = (args: string[], env: Record<string, string> = {}) =>
  runCutroom(args, { CUTROOM_URL: web.url, CUTROOM_API_KEY: user.token, ...env })

const linesOf = ({ stdout }: Ended) =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

const forwardTo = () => ['--forward-to', `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`]

test('make sends metadata, priority and notifications, and list finds the task by them', async () => {
  const options = [
    '--metadata',
    'order=17',
    '--metadata',
    'note=a=b',
    '--priority',
    '-5',
    '--notify',
    'https://example.com/h',
  ]
  const created = await cutroom(['make', SOURCE, '--preset', 'mp3', '--no-wait', '--json', ...options])
  expect(linesOf(created)).toMatchObject([
    {
      metadata: { order: '17', note: 'a=b' },
      priority: -5,
      notify: { webhook: { url: 'https://example.com/h' } },
    },
  ])
  const [{ id }] = linesOf(created)
  await cutroom(['make', 'https://media.example/other.mp4', '--preset', 'mp3', '--no-wait'])

  const found = async (...args: string[]) =>
    linesOf(await cutroom(['list', '--json', ...args])).map((task) => task.id)
  expect(await found('--metadata', 'order=17')).toEqual([id])
  expect(await found('--search', 'TALK')).toEqual([id])
  expect(await found('--status', 'queued,running', '--max', '1', '--oldest-first')).toEqual([id])
  expect(await found('--metadata', 'order=18')).toEqual([])
  expect((await cutroom(['list'])).stdout).toContain('talk.mp4')
})

test('a destination is a bucket with the credentials of the environment, and no output shows them', async () => {
  const env = {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI',
  }
  const args = ['--preset', 'mp3', '--no-wait', '--json', '--destination', 's3://renders/films']
  const created = await cutroom(['make', SOURCE, 'https://media.example/b.mp4', ...args], env)
  const prefixes = linesOf(created).map(({ destination }) => destination.s3.prefix)
  expect(new Set(prefixes)).toEqual(new Set(['films/talk/', 'films/b/']))
  expect(created.stdout + created.stderr).not.toMatch(/wJalrXUtnFEMI|AKIDEXAMPLE/)
  expect(await cutroom(['make', SOURCE, ...args])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('AWS_DEFAULT_REGION'),
  })
})

test.each([
  [['make', SOURCE, '--preset', 'mp3', '--metadata', 'order'], 2, '--metadata order is not KEY=VALUE'],
  [['make', SOURCE, '--preset', 'mp3', '--priority', 'high'], 2, '--priority high is not a whole number'],
  [['make', SOURCE, '--preset', 'mp3', '--no-wait', '--priority', '101'], 4, 'priority'],
  [['make', SOURCE, '--preset', 'mp3', '--name', 'a.mp4'], 2, '--name needs a single FILE'],
  [['list', '--sort', 'name'], 4, 'sort'],
  [['events', 'rewind'], 2, 'There is no cutroom events rewind'],
  [
    ['events', 'replay', '--since', 'yesterday', '--forward-to', 'http://localhost:1'],
    2,
    '--since yesterday',
  ],
])('cutroom %j ends with %d', async (args, code, message) => {
  expect(await cutroom(args)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) })
})

test('events replay delivers chosen events of the log, signed, and verifies with the client', async () => {
  const { id } = await web.createTask(user, { url: SOURCE, metadata: { order: '20' } })
  await web.finish(id, { 'output.mp4': 'video' })
  const { body } = await web.agent.get('/auth/webhook-secret').set('Authorization', web.bearer(user))

  const replayed = await cutroom([
    'events',
    'replay',
    '--task',
    id,
    '--since',
    '1h',
    '--json',
    ...forwardTo(),
  ])
  expect(replayed).toMatchObject({ code: 0, stderr: '' })
  expect(linesOf(replayed)).toMatchObject([{ type: 'task.succeeded', task_id: id, attempt: 1, status: 204 }])
  const [first] = received
  expect(
    verifyWebhook({ secret: body.secret, headers: first?.headers ?? {}, body: first?.body ?? '' }),
  ).toMatchObject({
    type: 'task.succeeded',
    data: { id, metadata: { order: '20' }, outputs: [{ name: 'output.mp4', bytes: 5 }] },
  })

  received = []
  const all = await cutroom(['events', 'replay', '--task', id, '--types', 'all', ...forwardTo()])
  expect(all.code).toBe(0)
  const events = received.map(({ body }) => JSON.parse(body))
  expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['task.created', 'task.succeeded']))
  expect(events.map(({ sequence }) => sequence)).toEqual(
    events.map(({ sequence }) => sequence).toSorted((a, b) => a - b),
  )
  expect(events.at(-1).data.outputs[0]).not.toHaveProperty('url')

  received = []
  await cutroom(['events', 'replay', '--task', id, '--until', '2026-01-01', ...forwardTo()])
  expect(received).toEqual([])
})

test('events replay has the types of a webhook endpoint, and needs its secret', async () => {
  const client = createClient({ baseUrl: web.url, apiKey: user.token })
  const url = 'https://example.com/hooks'
  const endpoint = await client.call('createWebhook', { body: { url, types: ['upload.completed'] } })
  await web.createUpload(user)
  const args = ['events', 'replay', '--webhook', url, ...forwardTo()]
  const without = await cutroom(args)
  expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('CUTROOM_WEBHOOK_SECRET') })
  const previous = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const env = { CUTROOM_WEBHOOK_SECRET: `${previous} ${endpoint.secret}` }
  expect((await cutroom(args, env)).code).toBe(0)
  const [first, ...others] = received
  expect(others).toEqual([])
  for (const secret of [previous, endpoint.secret])
    expect(verifyWebhook({ secret, headers: first?.headers ?? {}, body: first?.body ?? '' }).type).toBe(
      'upload.completed',
    )
  expect(
    await cutroom(['events', 'replay', '--webhook', 'https://example.com/x', ...forwardTo()], env),
  ).toMatchObject({
    code: 5,
    stderr: expect.stringContaining(endpoint.id),
  })
})

test('events replay stops at an event that is not accepted, and says how to go on', async () => {
  status = 410
  const stopped = await cutroom(['events', 'replay', '--as', 'endpoint', ...forwardTo()])
  expect(stopped).toMatchObject({
    code: 7,
    stderr: expect.stringMatching(
      /Stopped at event 1: .*\(client\.delivery_failed\)\n.* --after 0, .* --after 1\./,
    ),
  })
  expect(received).toHaveLength(1)
})
