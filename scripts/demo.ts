/**
 * Sends a clip through a stack that runs: `npm run demo`. Makes the clip, opens an account with a name of its own,
 * uploads, follows the progress, downloads the result, and shows what it is.
 */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Token } from '#shared/contract/auth.ts'
import { Task } from '#shared/contract/tasks.ts'
import { Upload } from '#shared/contract/uploads.ts'
import { readEvents } from './demo/read-events.ts'

const run = promisify(execFile)
const port = process.env.PORT || '8080'
const api = (process.env.PUBLIC_URL || `http://localhost:${port}`).replace(/\/$/, '')
const ffmpeg = process.env.FFMPEG_PATH || 'ffmpeg'
const ffprobe = process.env.FFPROBE_PATH || 'ffprobe'

try {
  await demo()
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}

async function demo(): Promise<void> {
  await demandStack()
  const dir = await mkdtemp(join(tmpdir(), 'cutroom-demo-'))
  const clip = await makeClip(join(dir, 'clip.mp4'))
  const token = await openAccount()
  const uploadId = await upload(clip, token)
  const task = await follow(await createTask(uploadId, token), token)
  if (task.status !== 'succeeded') throw new Error(`The task ${task.status}: ${JSON.stringify(task.error)}`)
  for (const output of task.outputs) await fetchAndShow(output, dir, token)
}

async function demandStack(): Promise<void> {
  const reply = await fetch(`${api}/health/ready`).catch(() => undefined)
  if (reply?.ok) return
  const answer = reply ? `answers ${reply.status}` : 'does not answer'
  throw new Error(
    `${api} ${answer}. Start Cutroom with npm start in another terminal (PORT=… for both if not 8080).`,
  )
}

async function makeClip(path: string): Promise<string> {
  const [picture, tone] = ['testsrc2=size=1280x720:rate=24:duration=30', 'sine=frequency=440:duration=30']
  const sources = ['-f', 'lavfi', '-i', picture, '-f', 'lavfi', '-i', tone]
  await run(ffmpeg, ['-nostdin', '-v', 'error', ...sources, '-pix_fmt', 'yuv420p', path])
  console.log(`made        ${await describe(path)}`)
  return path
}

async function openAccount(): Promise<string> {
  const username = `demo-${randomUUID().slice(0, 8)}`
  const account = { email: `${username}@example.org`, password: randomUUID() }
  await call('POST', '/auth/signup', { username, ...account, password_2: account.password })
  const { token } = Token.parse(await (await call('POST', '/auth/login', account)).json())
  console.log(`signed up   ${username}`)
  return token
}

async function upload(path: string, token: string): Promise<string> {
  const request = { filename: 'clip.mp4', content_type: 'video/mp4' }
  const place = Upload.parse(await (await call('POST', '/uploads', request, token)).json())
  const body = await openAsBlob(path)
  await must(await fetch(place.url, { method: place.method, headers: place.headers, body }), 'PUT the clip')
  console.log(`uploaded    ${place.upload_id}`)
  return place.upload_id
}

async function createTask(uploadId: string, token: string): Promise<Task> {
  const reply = await call('POST', '/tasks', { upload_id: uploadId, preset: 'reel' }, token)
  const task = Task.parse(await reply.json())
  console.log(`task        ${task.id}`)
  return task
}

/** The task as it is once it is over. One line shows how far it is. */
async function follow({ id }: Task, token: string): Promise<Task> {
  const began = performance.now()
  for (;;) {
    const events = await call('GET', `/tasks/${id}/events`, undefined, token)
    for await (const { event, data } of readEvents(events)) {
      if (event !== 'task') continue
      const task = Task.parse(JSON.parse(data))
      const isOver = task.finished_at !== null
      showProgress(task, (performance.now() - began) / 1000, isOver)
      if (isOver) return task
    }
    // A stream that ends before the task does means that the service was started again.
  }
}

function showProgress({ status, progress }: Task, seconds: number, isOver: boolean): void {
  const line = `${status.padEnd(11)} ${`${progress} %`.padStart(5)}  ${seconds.toFixed(1)} s`
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${line}${isOver ? '\n' : ''}`)
  else console.log(line)
}

async function fetchAndShow({ name, url }: Task['outputs'][number], dir: string, token: string) {
  const reply = await must(await fetch(url, { headers: { authorization: `Bearer ${token}` } }), `GET ${url}`)
  const path = join(dir, name)
  await writeFile(path, reply.body ?? '')
  console.log(`result      ${await describe(path)}`)
}

/** Path, length and streams of a file, as ffprobe sees them. */
async function describe(path: string): Promise<string> {
  const entries = 'format=duration,size:stream=codec_type,codec_name,width,height,avg_frame_rate'
  const { stdout } = await run(ffprobe, ['-v', 'error', '-show_entries', entries, '-of', 'json', path])
  const { format, streams } = JSON.parse(stdout) as Probe
  const parts = streams.map(({ codec_type, codec_name, width, height, avg_frame_rate }) =>
    codec_type === 'video' ? `${codec_name} ${width}x${height} at ${avg_frame_rate} fps` : codec_name,
  )
  const megabytes = (Number(format.size) / 1e6).toFixed(2)
  return `${path}  ${Number(format.duration).toFixed(2)} s, ${parts.join(', ')}, ${megabytes} MB`
}

type Probe = {
  format: { duration: string; size: string }
  streams: { codec_type: string; codec_name: string; width: number; height: number; avg_frame_rate: string }[]
}

async function call(method: string, path: string, body?: object, token?: string): Promise<Response> {
  const headers = {
    ...(body && { 'content-type': 'application/json' }),
    ...(token && { authorization: `Bearer ${token}` }),
  }
  const sent = { method, headers, ...(body && { body: JSON.stringify(body) }) }
  return must(await fetch(`${api}${path}`, sent), `${method} ${path}`)
}

async function must(reply: Response, what: string): Promise<Response> {
  if (reply.ok) return reply
  throw new Error(`${what} was answered ${reply.status}: ${await reply.text()}`)
}
