import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, jest, test } from '@jest/globals'
import { VERSION } from '../generated/version.ts'
import { runCutroom, startCutroom } from './testing/run-cutroom.ts'

// Each command is a process of its own.
jest.setTimeout(60_000)

const KEY = 'ck_0123456789_t0ps3cret'

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** The address of a service that answers every request in this way. */
async function serve(handler: Handler): Promise<string> {
  server = createServer(handler)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const problem =
  (status: number, code: string, more = {}): Handler =>
  ({ url }, response) => {
    response.setHeader('content-type', 'application/json')
    // A newer service.
    if (url === '/openapi.json') return response.end(JSON.stringify({ info: { version: '9.0.0' } }))
    return response.writeHead(status).end(JSON.stringify({ code, detail: 'It did not work.', ...more }))
  }

/** Runs `cutroom` with the key, and checks that nothing shows it. */
async function cutroom(args: string[], env: Record<string, string> = {}, input = '') {
  const ended = await runCutroom(args, { CUTROOM_API_KEY: KEY, ...env }, input)
  expect(ended.stdout + ended.stderr).not.toContain('t0ps3cret')
  return ended
}

test.each([
  ['a wrong key', 401, 'auth.required', 3, 'check that the API key is complete'],
  ['a key without the permission', 403, 'auth.scope_missing', 3, ''],
  ['a full quota', 403, 'upload.quota_exceeded', 6, 'Delete uploads that are no longer needed'],
  ['a field that the service does not know', 422, 'request.invalid', 4, `npm install @cutroom/client@9.0.0`],
  ['something that is gone', 404, 'task.not_found', 5, 'Check the id'],
])(
  '%s ends with its exit code and says what to do, as text and as JSON',
  async (_what, status, code, exit, advice) => {
    const errors = [{ path: 'preset', message: 'unknown preset' }]
    const url = await serve(problem(status, code, code === 'request.invalid' ? { errors } : {}))
    const args = ['get', '5d3c7d6e-1f0e-4f0e-9c39-3a1b1c6f2a11', '--url', url]
    const shown = await cutroom(args)
    expect(shown).toMatchObject({ code: exit, stdout: '', stderr: expect.stringContaining(advice) })
    expect(shown.stderr).toContain(code)
    const { stderr } = await cutroom([...args, '--json'])
    const { error } = JSON.parse(stderr)
    expect(error).toMatchObject({ code, exit_code: exit, advice: expect.stringContaining(advice) })
    if (code === 'request.invalid') {
      expect(error.errors).toEqual(errors)
      expect(shown.stderr).toContain('  preset: unknown preset')
      expect(shown.stderr).toContain(`This client is version ${VERSION} and the service version 9.0.0`)
    }
  },
)

test('a cut connection ends with 7 and says to try again', async () => {
  const url = await serve(({ socket }) => socket.destroy())
  // What cannot be repeated is sent once.
  const retried = await cutroom(['retry', '5d3c7d6e-1f0e-4f0e-9c39-3a1b1c6f2a11', '--url', url, '--json'])
  expect(JSON.parse(retried.stderr).error).toMatchObject({
    code: 'client.connection_failed',
    exit_code: 7,
    retryable: true,
    advice: expect.stringContaining('then try again'),
  })
  expect(retried.code).toBe(7)
})

test.each([
  ['an argument that could be a key', ['login', '--key', KEY], {}, 'cutroom login takes no arguments'],
  ['stdin for two things', ['make', '-', '--recipe', '-'], {}, 'Only one of the inputs'],
  [
    'a receiver with a password',
    ['listen', '--forward-to', 'http://ada:t0ps3cret@localhost'],
    {},
    'no user name',
  ],
  [
    'a webhook secret that is none',
    ['listen', '--forward-to', 'http://localhost'],
    { CUTROOM_WEBHOOK_SECRET: 't0ps3cret!' },
    'CUTROOM_WEBHOOK_SECRET is not',
  ],
])('%s is wrong usage, and no secret is shown', async (_what, args, env, message) => {
  expect(await cutroom(args, env)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) })
})

test('a key with a line break is refused without showing it, and with one at its end is used', async () => {
  const url = await serve(problem(404, 'task.not_found'))
  const args = ['get', '5d3c7d6e-1f0e-4f0e-9c39-3a1b1c6f2a11', '--url', url]
  expect((await cutroom(args, { CUTROOM_API_KEY: `${KEY}\n` })).code).toBe(5)
  expect(await cutroom(args, { CUTROOM_API_KEY: `ck_\n${KEY}` })).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('auth.required'),
  })
})

test('a recipe comes from stdin, whatever kind of pipe that is', async () => {
  let sent = ''
  const url = await serve(async (request, response) => {
    sent = await text(request)
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"id":"1"}')
  })
  const args = ['make', 'https://example.com/a.mp4', '--recipe', '-', '--no-wait', '--url', url]
  expect(await cutroom(args, {}, '{"audio":"mute"}')).toMatchObject({ code: 0, stdout: '1\n' })
  expect(JSON.parse(sent)).toMatchObject({ recipe: { audio: 'mute' } })
  expect(await cutroom(args, {}, '{"audio"')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('- is not JSON'),
  })
})

test('an interrupted command ends with 130, also in its JSON', async () => {
  const url = await serve(() => undefined)
  const args = ['get', '5d3c7d6e-1f0e-4f0e-9c39-3a1b1c6f2a11', '--url', url, '--json']
  const child = startCutroom(args, { CUTROOM_API_KEY: KEY })
  await once(server as Server, 'request')
  child.kill('SIGINT')
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
  expect(JSON.parse(stderr).error).toMatchObject({ code: 'interrupted', exit_code: 130 })
  expect(code).toBe(130)
})
