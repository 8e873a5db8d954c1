import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { createClient } from '#client/index.ts'
import { hasPython } from '../python.ts'
import { type Language, readGuide, type Story } from './guide-stories.ts'
import { type Stack, startStack } from './stack.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')
const PACKAGE = join(ROOT, 'clients/typescript')
/** Twenty seconds, small enough to be rendered in a moment. */
const CLIP =
  '-f lavfi -i testsrc2=s=640x360:r=12:d=20 -f lavfi -i sine=d=20 -preset ultrafast -pix_fmt yuv420p clip.mp4'

let dir: string
/** An empty project in which the packed client was installed. */
let project: string
let stack: Stack
let env: NodeJS.ProcessEnv
let key: string
/** Signs the webhooks of the account. */
let secret: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cutroom-programs-'))
  project = join(dir, 'project')
  await mkdir(project)
  await run('ffmpeg', ['-nostdin', '-v', 'error', ...CLIP.split(' ')], { cwd: project })
  const settings = { BCRYPT_COST: '4' }
  const [started] = await Promise.all([startStack(join(dir, 'data'), settings), installClient()])
  stack = started
  key = await createKey()
  env = {
    ...process.env,
    CUTROOM_URL: stack.url,
    CUTROOM_API_KEY: key,
    CUTROOM_CREDENTIALS: join(dir, 'credentials.json'),
  }
}, 120_000)
afterAll(async () => {
  await stack?.kill()
  await rm(dir, { recursive: true, force: true })
})

/** As a user would: builds and packs the client, and installs the archive in an empty project. */
async function installClient(): Promise<void> {
  await run(process.execPath, ['scripts/build-client.ts'], { cwd: ROOT })
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', dir], { cwd: PACKAGE })
  await run('npm', ['init', '-y'], { cwd: project })
  await run('npm', ['pkg', 'set', 'type=module'], { cwd: project })
  await run('npm', ['install', '--offline', join(dir, JSON.parse(stdout)[0].filename)], { cwd: project })
}

async function createKey(): Promise<string> {
  const client = createClient({ baseUrl: stack.url })
  const account = { email: 'ada@example.org', password: 'correct horse battery' }
  await client.signup({ username: 'ada', ...account, password_2: account.password })
  await client.login(account)
  secret = (await client.call('webhookSecret', {})).secret
  const { key } = await client.call('createKey', {
    body: { name: 'programs', scopes: ['tasks:read', 'tasks:write'] },
  })
  return key
}

const secondsOf = async (name: string) => {
  const probe = ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', resolve(project, name)]
  return Number((await run('ffprobe', probe)).stdout)
}

test('the ten lines of the README render a clip with the packed client', async () => {
  const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8')
  const [, program = ''] = /^```js\n(.*?)^```$/ms.exec(readme) ?? []
  await writeFile(join(project, 'ten-lines.js'), program)
  const { stdout } = await run(process.execPath, ['ten-lines.js'], { cwd: project, env })
  expect(stdout).toContain('succeeded 100 %')
  // 18 s of the clip, and a second of logo at both ends.
  expect(await secondsOf('reel.mp4')).toBeCloseTo(20, 0)
}, 60_000)

test('the small client of the README sends a file and follows the task, without a browser too', async () => {
  const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8')
  const [, block = ''] = /^```js\n(import \{ ApiError.*?)^```$/ms.exec(readme) ?? []
  const program = `import { readFile } from 'node:fs/promises'
    globalThis.location = { origin: process.env.CUTROOM_URL }
    globalThis.localStorage = { getItem: () => null, setItem: (name) => console.log('kept', name) }
    const currentToken = () => process.env.CUTROOM_API_KEY
    ${block.replace("'reel'", "'mp3'")}
    const file = new File([await readFile('clip.mp4')], 'clip.mp4', { type: 'video/mp4' })
    await makeReel(file, { onStatus: console.log, onProgress: ({ sent, total }) => console.log(sent, total) })`
  await writeFile(join(project, 'small.js'), program)
  const { stdout } = await run(process.execPath, ['small.js'], { cwd: project, env })
  const { length } = await readFile(join(project, 'clip.mp4'))
  expect(stdout.split('\n')).toEqual(
    expect.arrayContaining(['kept clip.mp4', `${length} ${length}`, 'succeeded']),
  )
}, 60_000)

test('its types serve a strict project, and its version is that of the service', async () => {
  const program = `import { createClient, type Task } from '@cutroom/client'
    import { createCaller, getTask } from '@cutroom/client/core'
    export const create = (): Promise<Task> => createClient().tasks.create({ url: 'https://example.org/a.mp4', preset: 'mp3' })
    export const get = (id: string): Promise<Task> => createCaller({ baseUrl: '' }).call(getTask, { path: { id } })
    // @ts-expect-error an operation that needs an id
    export const without = () => createCaller({ baseUrl: '' }).call(getTask, {})
    // @ts-expect-error a preset that does not exist
    export const wrong = () => createClient().tasks.create({ url: 'https://example.org/a.mp4', preset: 'mp4' })`
  const compilerOptions = {
    strict: true,
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2022', 'dom'],
    types: [],
  }
  await writeFile(join(project, 'types.ts'), program)
  await writeFile(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...compilerOptions, noEmit: true }, files: ['types.ts'] }),
  )
  const compiler = join(ROOT, 'node_modules/typescript-7/bin/tsc')
  await run(process.execPath, [compiler, '-p', '.'], { cwd: project }).catch(({ stdout }) => {
    throw new Error(stdout)
  })
  const read = async (path: string) => JSON.parse(await readFile(path, 'utf8')).version
  expect(await read(join(project, 'node_modules/@cutroom/client/package.json'))).toBe(
    await read(join(ROOT, 'package.json')),
  )
}, 30_000)

/** Runs `cutroom` in the project, as npx does. Never rejects. */
const cutroom = (args: string) => shell(`node_modules/.bin/cutroom ${args}`)

function shell(command: string): Promise<{ code: number; stdout: string; stderr: string }> {
  return run('bash', ['-c', command], { cwd: project, env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  )
}

test('the command line logs in with a key, renders a file, a pipe and a folder, and lists tasks', async () => {
  const loggedIn = await shell('echo "$CUTROOM_API_KEY" | npx cutroom login --key --url "$CUTROOM_URL"')
  expect(loggedIn).toMatchObject({ code: 0, stdout: expect.stringContaining(`Logged in to ${stack.url}`) })
  const { CUTROOM_API_KEY: _key, CUTROOM_URL: _url, ...stored } = env
  env = stored

  expect(await cutroom('make clip.mp4 --trim 0:02-0:05 --to webm --width 160 -o cut.webm')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^cut\.webm {2}/),
  })
  expect(await secondsOf('cut.webm')).toBeCloseTo(3, 1)

  expect(
    (await shell('node_modules/.bin/cutroom make - --trim 1-2 --trim 4-5 -o - < clip.mp4 > pipe.mp4')).code,
  ).toBe(0)
  expect(await secondsOf('pipe.mp4')).toBeCloseTo(2, 1)

  await shell('mkdir in && cp clip.mp4 in/a.mp4 && echo junk > in/b.mp4')
  await writeFile(join(project, 'recipe.json'), JSON.stringify({ output: { format: 'mp3' } }))
  const folder = await cutroom('run recipe.json in/ out/ --json')
  expect(folder).toMatchObject({ code: 8, stderr: expect.stringContaining('"code":"media.unreadable"') })
  expect(JSON.parse(folder.stdout)).toMatchObject({ input: 'a.mp4', result: 'out/a.mp3' })

  const listed = await cutroom('list --json --status succeeded')
  expect(
    listed.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).status),
  ).toContain('succeeded')
  for (const { stdout, stderr } of [loggedIn, folder, listed]) expect(stdout + stderr).not.toContain(key)
}, 90_000)

test.each([
  ['make clip.mp4', 2, 'Say what to render'],
  ['make clip.mp4 --preset nope', 4, '  preset: '],
  ['make missing.mp4 --preset mp3', 4, 'Could not read missing.mp4'],
  ['get 00000000-0000-4000-8000-000000000000', 5, 'Check the id'],
  ['list --url http://localhost:9', 2, 'There is no API key for http://localhost:9'],
  ['lisst', 2, 'cutroom --help lists them'],
])(
  'cutroom %s ends with %d and says what to do',
  async (args, code, message) => {
    expect(await cutroom(args)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) })
  },
  20_000,
)

async function openAgent(transport: Transport): Promise<Client> {
  const agent = new Client({ name: 'test', version: '1' })
  await agent.connect(transport)
  const { tools } = await agent.listTools()
  expect(tools.map(({ name }) => name).sort()).toEqual([
    'create',
    'get',
    'plan',
    'presets',
    'probe',
    'upload',
    'wait',
  ])
  return agent
}

async function call(agent: Client, name: string, args: object = {}) {
  const { content } = await agent.callTool({ name, arguments: args as Record<string, unknown> })
  return JSON.parse((content as { text: string }[])[0]?.text ?? '')
}

test('an agent uploads, probes, plans and renders a clip with the tools of cutroom mcp', async () => {
  const command = join(project, 'node_modules/.bin/cutroom')
  const settings = { CUTROOM_URL: stack.url, CUTROOM_API_KEY: key }
  const transport = new StdioClientTransport({
    command,
    args: ['mcp'],
    cwd: project,
    env: { ...getDefaultEnvironment(), ...settings },
  })
  const agent = await openAgent(transport)
  try {
    const { upload_id } = await call(agent, 'upload', { path: 'clip.mp4' })
    expect(await call(agent, 'probe', { upload_id })).toMatchObject({
      source: { video: { width: 640 } },
      problem: null,
    })

    const sources = [{ upload_id, trim: { start: 1, duration: 2 } }]
    const wrong = await call(agent, 'plan', { sources, recipe: { output: { format: 'mp5' } } })
    expect(wrong).toMatchObject({ code: 'request.invalid', errors: [{ path: 'recipe.output.format' }] })
    const edit = { sources, recipe: { frame: { width: 160, aspect: '16:9' }, output: { format: 'mp4' } } }
    expect(await call(agent, 'plan', edit)).toMatchObject({ outputs: [{ width: 160, seconds: 2 }] })

    const { id } = await call(agent, 'create', edit)
    const { status, outputs } = await call(agent, 'wait', { id })
    expect({ status, name: outputs[0].name }).toEqual({ status: 'succeeded', name: 'output.mp4' })
    expect((await fetch(outputs[0].link)).headers.get('content-type')).toBe('video/mp4')
    expect(await call(agent, 'get', { id })).toMatchObject({ id, progress: 100 })
  } finally {
    await agent.close()
  }
}, 60_000)

test('over HTTP, an agent acts with the key that it brings, and sends files by itself', async () => {
  const server = spawn(
    join(project, 'node_modules/.bin/cutroom'),
    ['mcp', '--http', '--port', '0', '--json'],
    { cwd: project, env },
  )
  try {
    const [line] = await once(server.stdout, 'data')
    const url = new URL(`http://127.0.0.1:${JSON.parse(String(line)).port}/mcp`)
    expect((await fetch(url, { method: 'POST' })).status).toBe(401)
    const requestInit = { headers: { authorization: `Bearer ${key}` } }
    const transport = new StreamableHTTPClientTransport(url, { requestInit }) as Transport
    const agent = await openAgent(transport)
    expect(await call(agent, 'presets')).toMatchObject({ presets: expect.anything() })
    expect(await call(agent, 'upload', { filename: 'clip.mp4' })).toMatchObject({
      method: 'PUT',
      url: expect.any(String),
    })
    await agent.close()
  } finally {
    server.kill()
  }
}, 30_000)

/** What each story of the guide begins with, and the files that it ends with and their durations in seconds. */
const STORIES: Record<string, { inputs: string[]; results: Record<string, number> }> = {
  'Clip a podcast': { inputs: ['episode.mp4'], results: { 'clip.mp4': 3 } },
  'Watermark a library': {
    inputs: ['logo.png', 'library/a.mp4', 'library/b.mp4'],
    results: { 'watermarked/a.mp4': 6, 'watermarked/b.mp4': 6 },
  },
  'A vertical clip from a landscape film': { inputs: ['film.mp4'], results: { 'vertical.mp4': 6 } },
  'The MP3 of a lecture': { inputs: ['lecture.mp4'], results: { 'lecture.mp3': 6 } },
  'A hundred files by night': {
    inputs: ['night/a.mp4', 'night/b.mp4', 'night/c.mp4'],
    results: { 'done/a.webm': 6, 'done/b.webm': 6, 'done/c.webm': 6 },
  },
}

test('every program of the guide runs as it stands there', async () => {
  const { helpers, stories } = await readGuide()
  expect(stories.map(({ title }) => title)).toEqual(Object.keys(STORIES))
  const clip =
    '-f lavfi -i testsrc2=s=320x180:r=12:d=6 -f lavfi -i sine=d=6 -preset ultrafast -pix_fmt yuv420p short.mp4'
  const logo = '-f lavfi -i color=red:s=64x32 -frames:v 1 logo.png'
  for (const args of [clip, logo])
    await run('ffmpeg', ['-nostdin', '-v', 'error', ...args.split(' ')], { cwd: project })

  const python = { PYTHONPATH: join(ROOT, 'clients/python'), PYTHONDONTWRITEBYTECODE: '1' }

  async function runStory(language: Language, { title, programs }: Story): Promise<void> {
    const { inputs = [], results = {} } = STORIES[title] ?? {}
    const folder = join(project, `guide-${language}`, title.replaceAll(' ', '-'))
    for (const input of inputs) {
      await mkdir(join(folder, dirname(input)), { recursive: true })
      await copyFile(join(project, input === 'logo.png' ? 'logo.png' : 'short.mp4'), join(folder, input))
    }
    const program = language === 'bash' ? `set -eo pipefail\n${helpers}${programs.bash}` : programs[language]
    await writeFile(join(folder, `story.${language}`), program)
    const command = { bash: 'bash', ts: process.execPath, python: 'python3' }[language]
    await run(command, [`story.${language}`], {
      cwd: folder,
      env: { ...env, CUTROOM_API_KEY: key, CUTROOM_URL: stack.url, ...python },
    }).catch(({ stdout, stderr }) => {
      throw new Error(`${title} in ${language}:\n${stdout}${stderr}`)
    })
    for (const [name, seconds] of Object.entries(results)) {
      expect([language, name, Math.round(await secondsOf(join(folder, name)))]).toEqual([
        language,
        name,
        seconds,
      ])
    }
  }

  const languages: Language[] = (await hasPython()) ? ['bash', 'ts', 'python'] : ['bash', 'ts']
  // The languages side by side: most of the time is spent waiting for renders.
  await Promise.all(
    languages.map(async (language) => {
      for (const story of stories) await runStory(language, story)
    }),
  )
}, 180_000)

/** A receiver in another language: verifies signatures as Standard Webhooks specifies, and prints what was sent. */
const RECEIVER = `
import base64, hashlib, hmac, http.server, json, os, sys
KEY = base64.b64decode(os.environ["SECRET"].removeprefix("whsec_"))
class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + body
        wanted = "v1," + base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
        is_valid = hmac.compare_digest(wanted, self.headers["webhook-signature"])
        print(json.dumps({"valid": is_valid, "type": json.loads(body)["type"]}), flush=True)
        self.send_response(204 if is_valid else 401)
        self.end_headers()
    def log_message(self, *args): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
print(server.server_port, flush=True)
server.serve_forever()
`

const testWithPython = (await hasPython()) ? test : test.skip

async function startReceiver() {
  const receiver = spawn('python3', ['-c', RECEIVER], { env: { ...env, SECRET: secret } })
  const lines = createInterface({ input: receiver.stdout })[Symbol.asyncIterator]()
  const { value: port } = await lines.next()
  return { receiver, lines, target: `http://127.0.0.1:${port}/hooks` }
}

testWithPython(
  'cutroom listen delivers signed webhooks that a receiver in Python accepts',
  async () => {
    const { receiver, lines, target } = await startReceiver()
    const args = ['listen', '--forward-to', target, '--after', '0', '--json']
    const settings = { ...env, CUTROOM_URL: stack.url, CUTROOM_API_KEY: key, CUTROOM_WEBHOOK_SECRET: secret }
    const listener = spawn(join(project, 'node_modules/.bin/cutroom'), args, { cwd: project, env: settings })
    try {
      // An earlier test has left finished tasks.
      const [line] = await once(listener.stdout, 'data')
      expect(JSON.parse(String(line).split('\n')[0] ?? '')).toMatchObject({
        type: 'task.succeeded',
        attempt: 1,
        status: 204,
      })
      expect(JSON.parse((await lines.next()).value ?? '')).toEqual({
        valid: true,
        type: 'task.succeeded',
      })
    } finally {
      listener.kill()
      receiver.kill()
    }
  },
  30_000,
)

testWithPython(
  'cutroom events replay delivers every event of the log, and Python verifies each',
  async () => {
    const { receiver, lines, target } = await startReceiver()
    try {
      const replay = `CUTROOM_WEBHOOK_SECRET=${secret} node_modules/.bin/cutroom events replay`
      const { code, stdout } = await shell(`${replay} --types all --since 1h --forward-to ${target} --json`)
      expect(code).toBe(0)
      const delivered = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(delivered.map(({ type }) => type)).toEqual(
        expect.arrayContaining(['task.created', 'task.failed', 'task.succeeded', 'upload.completed']),
      )
      for (const { type } of delivered) {
        expect(JSON.parse((await lines.next()).value ?? '')).toEqual({ valid: true, type })
      }
    } finally {
      receiver.kill()
    }
  },
  30_000,
)
