import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createClient } from '#client/index.ts'
import { type Stack, startStack } from './stack.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')
const PACKAGE = join(ROOT, 'clients/typescript')
/** Twenty seconds, small enough to be rendered in a moment. */
const CLIP =
  '-f lavfi -i testsrc2=s=640x360:r=24:d=20 -f lavfi -i sine=d=20 -preset ultrafast -pix_fmt yuv420p clip.mp4'

let dir: string
/** An empty project in which the packed client was installed. */
let project: string
let stack: Stack
let env: NodeJS.ProcessEnv
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cutroom-programs-'))
  project = join(dir, 'project')
  await mkdir(project)
  await run('ffmpeg', ['-nostdin', '-v', 'error', ...CLIP.split(' ')], { cwd: project })
  const [started] = await Promise.all([startStack(join(dir, 'data')), installClient()])
  stack = started
  env = { ...process.env, CUTROOM_URL: stack.url, CUTROOM_API_KEY: await createKey() }
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
  const { key } = await client.call('createKey', {
    body: { name: 'programs', scopes: ['tasks:read', 'tasks:write'] },
  })
  return key
}

const secondsOf = async (name: string) => {
  const probe = ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', join(project, name)]
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

test('its types serve a strict project, and its version is that of the service', async () => {
  const program = `import { createClient, type Task } from '@cutroom/client'
    export const create = (): Promise<Task> => createClient().tasks.create({ url: 'https://example.org/a.mp4', preset: 'mp3' })
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
  const { CUTROOM_API_KEY: key = '', CUTROOM_URL: _, ...stored } = env
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
