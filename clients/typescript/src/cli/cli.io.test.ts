import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, expect, jest, test } from '@jest/globals'
import { VERSION } from '../generated/version.ts'
import { ENVIRONMENT, MAIN, runCutroom, startCutroom } from './testing/run-cutroom.ts'

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

test('what is no source, or cannot be read or written, is reported before anything is sent', async () => {
  const sent: string[] = []
  const url = await serve((request, response) => {
    sent.push(`${request.method} ${request.url}`)
    return problem(404, 'upload.not_found')(request, response)
  })
  const folder = await mkdtemp(join(tmpdir(), 'cutroom-cli-'))
  const [file, missing] = [join(folder, 'talk.mp4'), join(folder, 'missing.mp4')]
  await writeFile(file, 'video')
  const expectAll = (cases: [args: string[], code: number, message: string][]) =>
    Promise.all(
      cases.map(async ([args, code, message]) =>
        expect(await cutroom([...args, ...(args.includes('--url') ? [] : ['--url', url])])).toMatchObject({
          code,
          stderr: expect.stringContaining(message),
        }),
      ),
    )
  await expectAll([
    [['make'], 2, 'Name a FILE or a URL'],
    [['make', 'http://', '--preset', 'mp3'], 2, 'not a complete URL'],
    [['make', 's3://bucket/a.mp4', '--preset', 'mp3'], 2, 's3:// is not supported'],
    [['make', file, '--preset', 'mp3', '-o', join(file, 'talk.mp3')], 2, `${file} is not a folder`],
    [['make', file, file, '--preset', 'mp3', '-o', file], 2, `${file} is not a folder`],
    [['download', '1', '-o', `${file}/`], 2, `${file} is not a folder`],
    [['list', '--url', 'localhost'], 2, 'is not the address of a service'],
    [['mcp', '--http', '--port', '99999'], 2, 'is not a port'],
    [['mcp', '--http', '--port', new URL(url).port], 2, 'EADDRINUSE'],
  ])
  expect(sent).toEqual([])
  await expectAll([
    [['make', file, folder, '--join', '--preset', 'mp3'], 4, `${folder} is a folder`],
    [['make', file, missing, '--join', '--preset', 'mp3'], 4, `Could not read ${missing}: ENOENT`],
  ])
  // The edit itself, which needs no file.
  expect(sent).toEqual(['POST /tasks?dry_run=1', 'POST /tasks?dry_run=1'])
  await rm(folder, { recursive: true })
})

const TASK = '5d3c7d6e-1f0e-4f0e-9c39-3a1b1c6f2a11'

test('the error of a task that was waited for names it', async () => {
  const failed = { id: TASK, status: 'failed', error: { code: 'media.unreadable', message: 'No video.' } }
  const url = await serve((_, response) =>
    response.writeHead(200).end(`event: task\ndata: ${JSON.stringify(failed)}\n\n`),
  )
  const { code, stderr } = await cutroom(['watch', TASK, '--url', url, '--json'])
  expect([code, JSON.parse(stderr).error.task_id]).toEqual([8, TASK])
})

test.each([
  ['task.finished', 4, 'Delete a finished task instead'],
  ['task.not_found', 5, 'Check the id'],
])('a refused abort (%s) ends with its exit code, and nothing is deleted', async (code, exit, advice) => {
  const lines: string[] = []
  const url = await serve(({ method, url }, response) => {
    lines.push(`${method} ${url}`)
    const error = { code, message: 'No.' }
    response.end(JSON.stringify({ results: [{ id: 't1', outcome: 'failed', error }] }))
  })
  const { code: ended, stderr } = await cutroom(['abort', 't1', '--url', url])
  expect(stderr).toContain(advice)
  expect(ended).toBe(exit)
  expect(lines).toEqual(['POST /tasks/bulk'])
})

test('a command that is interrupted while a task runs says how to follow it', async () => {
  const url = await serve((_, response) =>
    response.writeHead(200).write('event: task\ndata: {"status":"running"}\n\n'),
  )
  const interrupt = async (...options: string[]) => {
    const child = startCutroom(['watch', TASK, '--url', url, ...options], { CUTROOM_API_KEY: KEY })
    await once(server as Server, 'request')
    child.kill('SIGINT')
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
    expect(code).toBe(130)
    return stderr
  }
  expect(await interrupt()).toBe(`The task goes on: cutroom watch ${TASK}\ncutroom: Interrupted.\n`)
  expect(JSON.parse(await interrupt('--json')).error.task_id).toBe(TASK)
})

test('a service that does not reply is named while it is tried again, with the reason', async () => {
  let requests = 0
  const url = await serve((request, response) => {
    requests += 1
    if (requests === 1) return request.socket.destroy()
    return problem(404, 'task.not_found')(request, response)
  })
  const { stderr } = await cutroom(['get', '1', '--url', url])
  expect(stderr).toMatch(
    /^GET \/tasks\/1 failed: no reply from \S+ \(UND_ERR_SOCKET\)\. Trying again in \d s\.\n/,
  )
})

test('output that cannot be written is an error, and output that nobody reads is not', async () => {
  const run = (redirection: string) =>
    spawnSync(
      'bash',
      ['--norc', '-c', `"${process.execPath}" "${MAIN}" completion bash ${redirection}; echo "$?" >&2`],
      {
        encoding: 'utf8',
        env: ENVIRONMENT,
      },
    ).stderr
  expect(run('> /dev/full')).toBe('cutroom: Could not write to stdout: ENOSPC.\n1\n')
  expect(run('> >(exit 0)')).toBe('0\n')
})

test('the help of a command is that of help COMMAND, too', async () => {
  const help = await cutroom(['help', 'events', 'replay'])
  expect(help).toEqual(await cutroom(['events', 'replay', '--help']))
  expect(help.stdout).toContain('--forward-to')
})

test('run says when there is nothing to render', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cutroom-run-'))
  const recipe = join(folder, 'recipe.json')
  await writeFile(recipe, '{"output":{"format":"mp3"}}')
  const url = await serve(problem(404, 'upload.not_found'))
  const run = () => cutroom(['run', recipe, folder, join(folder, 'out'), '--url', url])
  expect(await run()).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('has no video or audio file'),
  })
  await writeFile(join(folder, 'talk.mp4'), 'video')
  await writeFile(join(folder, 'out/talk.mp3'), 'audio')
  expect(await run()).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('already has a result for every file in'),
  })
  await rm(folder, { recursive: true })
})
