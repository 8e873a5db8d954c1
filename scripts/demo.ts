/**
 * `npm run demo`: renders a clip on a running Cutroom. Generates the clip, signs up with a random name, uploads, follows the
 * progress, downloads the result, and prints what it is.
 */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { Token } from '#shared/contract/auth.ts'
import { Task } from '#shared/contract/tasks.ts'
import { Upload } from '#shared/contract/uploads.ts'

const run = promisify(execFile)
const port = process.env.PORT || '8080'
const API = (process.env.PUBLIC_URL || `http://localhost:${port}`).replace(/\/$/, '')
const FFMPEG = process.env.FFMPEG_PATH || 'ffmpeg'
const FFPROBE = process.env.FFPROBE_PATH || 'ffprobe'

try {
  await demo()
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}

async function demo(): Promise<void> {
  await requireRunning()
  const dir = await mkdtemp(join(tmpdir(), 'cutroom-demo-'))
  const clip = await generateClip(join(dir, 'clip.mp4'))
  const token = await signUp()
  const uploadId = await upload(clip, token)
  const task = await follow(await createTask(uploadId, token), token)
  if (task.status !== 'succeeded') throw new Error(`The task ${task.status}: ${JSON.stringify(task.error)}`)
  for (const output of task.outputs) await download(output, dir, token)
}

async function requireRunning(): Promise<void> {
  const response = await fetch(`${API}/health/ready`).catch(() => undefined)
  if (response?.ok) return
  const problem = response ? `answered ${response.status}` : 'did not answer'
  throw new Error(
    `${API} ${problem}. Start Cutroom with npm start in another terminal; set PORT for both if it is not 8080.`,
  )
}

async function generateClip(path: string): Promise<string> {
  const video = ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=24:duration=30']
  const audio = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=30']
  await run(FFMPEG, ['-nostdin', '-v', 'error', ...video, ...audio, '-pix_fmt', 'yuv420p', path])
  console.log(`generated   ${await summarize(path)}`)
  return path
}

async function signUp(): Promise<string> {
  const username = `demo-${randomUUID().slice(0, 8)}`
  const account = { email: `${username}@example.org`, password: randomUUID() }
  await call('POST', '/auth/signup', { username, ...account, password_2: account.password })
  const { token } = Token.parse(await (await call('POST', '/auth/login', account)).json())
  console.log(`signed up   ${username}`)
  return token
}

async function upload(path: string, token: string): Promise<string> {
  const request = { filename: 'clip.mp4', content_type: 'video/mp4' }
  const created = await call('POST', '/uploads', request, token)
  const { upload_id, url, method, headers } = Upload.parse(await created.json())
  await requireOk(await fetch(url, { method, headers, body: await openAsBlob(path) }), 'Uploading the clip')
  console.log(`uploaded    ${upload_id}`)
  return upload_id
}

async function createTask(uploadId: string, token: string): Promise<Task> {
  const response = await call('POST', '/tasks', { upload_id: uploadId, preset: 'reel' }, token)
  const task = Task.parse(await response.json())
  console.log(`task        ${task.id}`)
  return task
}

/** Shows the progress of a task and returns it once it has finished. */
async function follow({ id }: Task, token: string): Promise<Task> {
  const startedAt = performance.now()
  for (;;) {
    const { body } = await call('GET', `/tasks/${id}/events`, undefined, token)
    const events = body?.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
    for await (const { event, data } of events ?? []) {
      if (event !== 'task') continue
      const task = Task.parse(JSON.parse(data))
      const isFinished = task.finished_at !== null
      showProgress(task, (performance.now() - startedAt) / 1000, isFinished)
      if (isFinished) return task
    }
    // The stream ended before the task did: the service was restarted.
  }
}

function showProgress({ status, progress }: Task, seconds: number, isFinished: boolean): void {
  const line = `${status.padEnd(11)} ${`${progress} %`.padStart(5)}  ${seconds.toFixed(1)} s`
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${line}${isFinished ? '\n' : ''}`)
  else console.log(line)
}

async function download({ name, url }: Task['outputs'][number], dir: string, token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}` }
  const response = await requireOk(await fetch(url, { headers }), `GET ${url}`)
  const path = join(dir, name)
  await writeFile(path, response.body ?? '')
  console.log(`result      ${await summarize(path)}`)
}

/** Path, duration, streams and size of a file, from ffprobe. */
async function summarize(path: string): Promise<string> {
  const entries = 'format=duration,size:stream=codec_type,codec_name,width,height,avg_frame_rate'
  const { stdout } = await run(FFPROBE, ['-v', 'error', '-show_entries', entries, '-of', 'json', path])
  const { format, streams } = JSON.parse(stdout) as Probe
  const codecs = streams.map(({ codec_type, codec_name, width, height, avg_frame_rate }) =>
    codec_type === 'video' ? `${codec_name} ${width}x${height} at ${avg_frame_rate} fps` : codec_name,
  )
  const megabytes = (Number(format.size) / 1e6).toFixed(2)
  return `${path}  ${Number(format.duration).toFixed(2)} s, ${codecs.join(', ')}, ${megabytes} MB`
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
  const init = { method, headers, ...(body && { body: JSON.stringify(body) }) }
  return requireOk(await fetch(`${API}${path}`, init), `${method} ${path}`)
}

async function requireOk(response: Response, action: string): Promise<Response> {
  if (response.ok) return response
  throw new Error(`${action} failed with ${response.status}: ${await response.text()}`)
}
