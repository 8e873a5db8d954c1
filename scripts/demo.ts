/**
 * `npm run demo`: renders a clip on a running Cutroom. Generates the clip, signs up with a random name, uploads, follows the
 * progress, downloads the result, and prints what it is.
 */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createClient, type Task } from '#client/index.ts'

const run = promisify(execFile)
const port = process.env.PORT || '8080'
const API = (process.env.PUBLIC_URL || `http://localhost:${port}`).replace(/\/$/, '')
const client = createClient({ baseUrl: API })
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
  await signUp()
  const task = await render(await upload(clip))
  for (const { name } of task.outputs) await download(task.id, name, dir)
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

/** Creates an account and logs in. */
async function signUp(): Promise<void> {
  const username = `demo-${randomUUID().slice(0, 8)}`
  const account = { email: `${username}@example.org`, password: randomUUID() }
  await client.signup({ username, ...account, password_2: account.password })
  await client.login(account)
  console.log(`signed up   ${username}`)
}

async function upload(path: string): Promise<string> {
  const { upload_id } = await client.upload(path)
  console.log(`uploaded    ${upload_id}`)
  return upload_id
}

/** Creates the task, shows its progress and returns it once it has succeeded. */
async function render(uploadId: string): Promise<Task> {
  const startedAt = performance.now()
  const { id } = await client.tasks.create({ upload_id: uploadId, preset: 'reel' })
  console.log(`task        ${id}`)
  return client.tasks.wait(id, {
    onProgress: (task) =>
      showProgress(task, (performance.now() - startedAt) / 1000, task.finished_at !== null),
  })
}

function showProgress({ status, progress }: Task, seconds: number, isFinished: boolean): void {
  const line = `${status.padEnd(11)} ${`${progress} %`.padStart(5)}  ${seconds.toFixed(1)} s`
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${line}${isFinished ? '\n' : ''}`)
  else console.log(line)
}

async function download(taskId: string, name: string, dir: string): Promise<void> {
  const path = join(dir, name)
  await client.tasks.outputs.save(taskId, name, path)
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
