import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { answerWith, startTestHost, type TestHost } from '#batch/sources/testing/source-host.ts'
import { type Stack, startStack } from './stack.ts'

const run = promisify(execFile)
/** As the README generates it, but generated and rendered in a fraction of the time. */
const CLIP =
  '-f lavfi -i testsrc2=s=320x180:r=12:d=30 -f lavfi -i sine=d=30 -preset ultrafast -pix_fmt yuv420p clip.mp4'
const ROOT = join(import.meta.dirname, '../..')

let dir: string
/** Has the clip, too. */
let host: TestHost
let stack: Stack
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cutroom-readme-'))
  await run('ffmpeg', ['-nostdin', '-v', 'error', ...CLIP.split(' ')], { cwd: dir })
  const clip = await readFile(join(dir, 'clip.mp4'))
  host = await startTestHost((request, response) =>
    answerWith(clip, request, response, { 'content-type': 'video/mp4' }),
  )
  stack = await startStack(join(dir, 'data'), { SOURCE_ALLOW_HOSTS: host.hostPort, BCRYPT_COST: '4' })
}, 90_000)
afterAll(async () => {
  await stack?.kill()
  await host?.close()
  await rm(dir, { recursive: true, force: true })
})

const secondsOf = async (name: string) => {
  const probe = ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', join(dir, name)]
  return Number((await run('ffprobe', probe)).stdout)
}

test("the README's commands create a task, poll it and download the result", async () => {
  const commands = commandsIn(await readFile(join(ROOT, 'README.md'), 'utf8')).replace(
    /^API=.*/m,
    `API=${stack.url}`,
  )
  const { stdout: log } = await run('bash', ['-c', commands], { cwd: dir, timeout: 200_000 }).catch(
    ({ stdout, stderr }) => {
      throw new Error(`The commands failed:\n${stdout}${stderr}`)
    },
  )
  expect(log).toContain('"status":"succeeded"')
  // 18 s of the clip, and a second of logo at both ends.
  expect(await secondsOf('reel.mp4')).toBeCloseTo(20, 0)
}, 220_000)

/** The blocks to copy, as they stand there, without those that read a video from the internet. */
function commandsIn(readme: string): string {
  const blocks = [...readme.matchAll(/^```bash\n(.*?)^```$/gms)].map(([, block = '']) => block)
  return blocks.filter((block) => !block.includes('https://')).join('\n')
}

type RunReport = {
  run: { executions: Execution[]; failures: { source: { name: string }; error: { message: string } }[] }
}
type Execution = {
  item: { id: string; name: string }
  response?: { code: number; stream: { data: number[] } }
}

/** Runs a Postman collection with newman. @throws Error with every failed test. */
async function runCollection(
  collection: object,
  variables: Record<string, string>,
): Promise<Map<string, Execution>> {
  const [file, report] = [join(dir, 'collection.json'), join(dir, 'report.json')]
  await writeFile(file, JSON.stringify(collection))
  const values = Object.entries(variables).flatMap(([name, value]) => ['--env-var', `${name}=${value}`])
  const output = ['--reporters', 'json', '--reporter-json-export', report]
  const newman = join(ROOT, 'node_modules/newman/bin/newman.js')
  const ended = run(process.execPath, [newman, 'run', file, '--working-dir', dir, ...values, ...output], {
    cwd: dir,
  })
  // It exits with 1 when a test has failed, which the report says in detail.
  await ended.catch(() => undefined)
  const { executions, failures } = (JSON.parse(await readFile(report, 'utf8')) as RunReport).run
  expect(failures.map(({ source, error }) => `${source.name}: ${error.message}`)).toEqual([])
  return new Map(executions.map((execution) => [execution.item.id, execution]))
}

test('newman runs the Postman collection from sign-up to a result that plays', async () => {
  const collection = JSON.parse(await readFile(join(ROOT, 'docs/cutroom.postman_collection.json'), 'utf8'))
  const items = collection.item.flatMap(
    ({ item }: { item: { id: string; request: { body?: object } }[] }) => item,
  )
  // As a user selects a file under Body.
  const putUpload = items.find(({ id }: { id: string }) => id === 'putUpload')
  Object.assign(putUpload.request.body, { file: { src: 'clip.mp4' } })
  const account = { username: 'grace', email: 'grace@example.org' }
  const variables = { base_url: stack.url, video_url: `${host.origin}/clip.mp4`, ...account }
  const executions = await runCollection(collection, variables)
  const codes = [
    'signup',
    'putUpload',
    'createTask',
    'getOutput',
    'linkOutput',
    'getSharedOutput',
    'deleteTask',
  ].map((id) => executions.get(id)?.response?.code)
  expect(codes).toEqual([201, 201, 202, 200, 201, 200, 204])
  const bytes = executions.get('getOutput')?.response?.stream.data ?? []
  await writeFile(join(dir, 'collection.mp4'), Buffer.from(bytes))
  expect(await secondsOf('collection.mp4')).toBeCloseTo(20, 0)
}, 90_000)

test('the requests of collections of earlier systems pass as they are', async () => {
  const request = (
    name: string,
    method: string,
    path: string,
    codes: number[],
    body?: object,
    save?: string,
  ) => ({
    id: name,
    name,
    request: {
      method,
      url: `{{base_url}}${path}`,
      header: [
        { key: 'Content-Type', value: 'application/json' },
        { key: 'Authorization', value: 'Bearer {{token}}' },
      ],
      ...(body && { body: { mode: 'raw', raw: JSON.stringify(body) } }),
    },
    event: [
      {
        listen: 'test',
        script: {
          exec: [
            `pm.test('status', () => pm.expect(pm.response.code).to.be.oneOf(${JSON.stringify(codes)}))`,
            ...(save ? [`pm.collectionVariables.set('${save}', pm.response.json().${save})`] : []),
          ],
        },
      },
    ],
  })
  const [email, password] = ['earlier@example.org', 'correct horse battery']
  const item = [
    request('sign up', 'POST', '/auth/signup', [201], {
      username: 'earlier',
      email,
      password,
      password_2: password,
    }),
    request('log in', 'POST', '/auth/login', [200], { email, password }, 'token'),
    request('create', 'POST', '/tasks', [202], { url: 'https://example.org/film.mp4' }, 'id'),
    request('list', 'GET', '/tasks?max=4&order=1', [200]),
    request('get', 'GET', '/tasks/{{id}}', [200]),
    // 204 if the task has already failed: the host does not exist.
    request('abort', 'DELETE', '/tasks/{{id}}', [200, 204]),
  ]
  const schema = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json'
  const executions = await runCollection({ info: { name: 'earlier', schema }, item }, { base_url: stack.url })
  expect(executions.size).toBe(6)
}, 30_000)
