import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Webhook } from 'standardwebhooks'
import { answerWith, startTestHost, type TestHost } from '#batch/sources/testing/source-host.ts'
import { sendGated } from '../gated-response.ts'
import { type MailServer, startMailServer } from '../mail-server.ts'
import { type Client, clientOf, openAccount } from './client.ts'
import { eventually, ffmpegsOf, listProcesses, processTree } from './processes.ts'
import { type Stack, startStack } from './stack.ts'

const run = promisify(execFile)
const isDone = ({ status }: { status: string }) => status === 'succeeded'

/** Thirty seconds with audio and the index at the front. */
const CLIP =
  '-f lavfi -i testsrc2=size=960x540:rate=24:duration=30 -f lavfi -i sine=frequency=440:duration=30 ' +
  '-c:v libx264 -preset ultrafast -b:v 2M -pix_fmt yuv420p -c:a aac -movflags +faststart'

/** Detects a dead worker within three seconds instead of nine. */
const FAST_LEASES = { LEASE_SECONDS: '3', HEARTBEAT_SECONDS: '1', SWEEP_SECONDS: '0.5' }

let dir: string
let clip: string
let host: TestHost
let mail: MailServer
/** Requests received at /hook. */
const deliveries: { headers: Record<string, string>; body: string }[] = []
let stack: Stack
let ada: Client
/** The second half of /slow.mp4 is sent once this resolves. */
const gate = Promise.withResolvers<void>()

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cutroom-e2e-'))
  clip = join(dir, 'clip.mp4')
  await run('ffmpeg', ['-nostdin', '-v', 'error', ...CLIP.split(' '), clip])
  host = await startHost(await readFile(clip))
  mail = await startMailServer()
  const mailSettings = { SMTP_URL: mail.url, MAIL_FROM: 'cutroom@example.org' }
  const settings = { SOURCE_ALLOW_HOSTS: host.hostPort, ...mailSettings, ...FAST_LEASES }
  stack = await startStack(join(dir, 'data'), settings)
  ada = await openAccount(stack.url)
}, 60_000)

afterAll(async () => {
  gate.resolve()
  await stack?.kill()
  await host?.close()
  await mail?.close()
  await rm(dir, { recursive: true, force: true })
})

/** The clip at /clip.mp4, and at /slow.mp4, whose second half is sent only once the gate is open; webhooks at /hook. */
function startHost(data: Buffer): Promise<TestHost> {
  return startTestHost(async (request, response) => {
    if (request.url === '/hook') {
      const body = await text(request)
      deliveries.push({ headers: request.headers as Record<string, string>, body })
      return response.writeHead(204).end()
    }
    const contentType = 'video/mp4'
    if (request.url === '/slow.mp4') {
      const half = Math.floor(data.length / 2)
      return await sendGated(data, { gate: half, opened: gate.promise, contentType }, request, response)
    }
    answerWith(data, request, response, { 'content-type': contentType })
  })
}

test('an uploaded video becomes a reel', async () => {
  const { id } = await ada.create({ upload_id: await ada.upload(clip) })
  await expectReel(await ada.until(id, 'the upload to be rendered', isDone))
}, 60_000)

test('a video at a URL becomes a reel and is read by ranges', async () => {
  const { id } = await ada.create({ url: `${host.origin}/clip.mp4` })
  await expectReel(await ada.until(id, 'the URL to be rendered', isDone))
  expect(host.requests.length).toBeGreaterThan(0)
  expect(host.requests.every(({ headers }) => headers.range)).toBe(true)
}, 60_000)

test('a task whose batch process is killed in the middle of it still succeeds', async () => {
  const { id } = await ada.create({ url: `${host.origin}/slow.mp4` })
  await ada.until(id, 'the task to make progress', ({ progress }) => progress > 0)
  const batch = await stack.find('batch')
  const orphans = await ffmpegsOf(stack.pid)
  expect(orphans).toHaveLength(1)

  process.kill(batch?.pid ?? 0, 'SIGKILL')
  await eventually('ffmpeg to exit with its batch process', 5_000, async () => !(await anyRunning(orphans)))
  gate.resolve()

  const task = await ada.until(id, 'the second attempt to succeed', isDone)
  expect(task.attempts).toBe(2)
  expect(task.failures).toMatchObject([{ attempt: 1, code: 'task.worker_lost' }])
  expect((await stack.find('batch'))?.pid).not.toBe(batch?.pid)
  await expectReel(task)
}, 60_000)

test('the owner is notified of the end once by a signed webhook and once by e-mail', async () => {
  const notify = { email: true, webhook: `${host.origin}/hook` }
  const { id } = await ada.create({ url: `${host.origin}/clip.mp4`, preset: 'mp3', notify })
  await ada.until(id, 'the MP3 to be rendered', isDone)
  const notified = await eventually('both to be delivered', 20_000, async () => {
    const task = await ada.task(id)
    const states = [task.notify.email?.state, task.notify.webhook?.state]
    return states.every((state) => state === 'delivered') && task
  })
  expect(notified.notify).toMatchObject({
    webhook: { url: notify.webhook, attempts: 1 },
    email: { attempts: 1 },
  })
  expect(deliveries).toHaveLength(1)
  const [{ headers, body } = { headers: {}, body: '' }] = deliveries
  expect(new Webhook(await ada.webhookSecret()).verify(body, headers)).toMatchObject({
    type: 'task.succeeded',
    data: { id, outputs: [{ name: 'output.mp3' }] },
  })
  expect(mail.mails).toMatchObject([{ to: ['ada@example.org'], text: expect.stringContaining('output.mp3') }])
}, 60_000)

test('an aborted task stops ffmpeg within five seconds', async () => {
  const output = { format: 'webm', codec: 'vp9', quality: 'high' }
  const { id } = await ada.create({ recipe: { sources: [{ url: `${host.origin}/clip.mp4` }], output } })
  await eventually('ffmpeg to start', 30_000, async () => (await ffmpegsOf(stack.pid)).length > 0)
  expect((await ada.abort(id)).status).toBe('aborted')
  await eventually('ffmpeg to end', 5_000, async () => (await ffmpegsOf(stack.pid)).length === 0)
  expect(await ada.task(id)).toMatchObject({ status: 'aborted', outputs: [] })
}, 60_000)

test('Ctrl-C stops everything within ten seconds, and the next start finds all tasks and files', async () => {
  const before = await ada.list()
  expect(before.map(({ status }) => status)).toEqual([
    'succeeded',
    'succeeded',
    'succeeded',
    'succeeded',
    'aborted',
  ])
  const [first] = before
  const bytes = await ada.download(first?.id ?? '', 'output.mp4')
  const tree = await processTree(stack.pid)
  expect(tree.length).toBeGreaterThan(3)

  const { ms, code } = await stack.interrupt()
  expect({ code, quick: ms < 10_000 }).toEqual({ code: 0, quick: true })
  expect(await anyRunning(tree)).toBe(false)
  expect((await listProcesses()).filter(({ command }) => command.includes(dir))).toEqual([])

  stack = await startStack(join(dir, 'data'))
  const again = clientOf(stack.url, ada.token)
  // Links contain the address of the running stack, whose ports are new.
  const withoutLinks = (task: { outputs: object[] }) => ({
    ...task,
    outputs: task.outputs.map((output) => ({ ...output, url: undefined })),
  })
  expect((await again.list()).map(withoutLinks)).toEqual(before.map(withoutLinks))
  expect((await again.download(first?.id ?? '', 'output.mp4')).equals(bytes)).toBe(true)
  expect((await stack.interrupt()).code).toBe(0)
}, 60_000)

async function anyRunning(processes: { pid: number; command: string }[]): Promise<boolean> {
  const running = await listProcesses()
  return processes.some(({ pid, command }) =>
    running.some((each) => each.pid === pid && each.command === command),
  )
}

/** Downloads the only output and checks it: a second of logo, 18 s of the clip, a second of logo, with audio. */
async function expectReel({ id, outputs }: { id: string; outputs: { name: string; bytes: number }[] }) {
  expect(outputs).toMatchObject([{ name: 'output.mp4', seconds: 20, width: 640, height: 360 }])
  const bytes = await ada.download(id, 'output.mp4')
  expect(bytes.length).toBe(outputs[0]?.bytes)
  const path = join(dir, `${id}.mp4`)
  await writeFile(path, bytes)

  const show = 'stream=codec_type,width,height,r_frame_rate,duration,nb_read_frames'
  const args = ['-v', 'error', '-count_frames', '-show_entries', show, '-of', 'json', path]
  const { streams } = JSON.parse((await run('ffprobe', args)).stdout)
  const [video, audio] = streams
  expect(streams).toHaveLength(2)
  expect(video).toMatchObject({ codec_type: 'video', width: 640, height: 360, r_frame_rate: '24/1' })
  expect(video).toMatchObject({ duration: '20.000000', nb_read_frames: '480' })
  expect(audio.codec_type).toBe('audio')
  expect(Number(audio.duration)).toBeCloseTo(20, 1)

  const { stderr } = await run('ffmpeg', ['-nostdin', '-i', path, '-af', 'volumedetect', '-f', 'null', '-'])
  expect(Number(/mean_volume: (\S+) dB/.exec(stderr)?.[1])).toBeGreaterThan(-40)
}
