import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Stack } from './stack.ts'

/** The shortest chunk that the product makes. */
const CHUNK_S = 2
const FPS = 60
const BOX = 16
const [WIDTH, HEIGHT] = [704, 396]
const STEPS = (WIDTH - BOX) / BOX

/**
 * Settings with which a film is divided into the shortest chunks, on any machine: a second of it is estimated at about a
 * CPU second, and a slot has at most two cores. Jobs may fail as often as their workers are killed.
 */
export const FILM_SETTINGS = {
  ...{ CHUNK_SECONDS: '1', BATCH_CONCURRENCY: String(Math.max(2, Math.ceil(availableParallelism() / 2))) },
  ...{ LEASE_SECONDS: '3', HEARTBEAT_SECONDS: '1', SWEEP_SECONDS: '0.5', REPUBLISH_AFTER_SECONDS: '5' },
}

/** Jobs that one batch instance runs at a time. */
export const SLOTS = Number(FILM_SETTINGS.BATCH_CONCURRENCY)

/** A file to be divided into `chunks`: a box that is elsewhere in every frame, and a tone. Cheap to encode. */
export async function generateFilm(dir: string, chunks: number): Promise<Buffer> {
  const path = join(dir, `film-${chunks}.mp4`)
  const duration = `r=${FPS}:d=${chunks * CHUNK_S}`
  await run('ffmpeg', [
    ...['-nostdin', '-v', 'error', '-y'],
    ...['-f', 'lavfi', '-i', `color=0x405060:s=${WIDTH}x${HEIGHT}:${duration}`],
    ...['-f', 'lavfi', '-i', `color=white:s=${BOX}x${BOX}:${duration}`],
    ...['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${chunks * CHUNK_S}`],
    '-filter_complex',
    `[0][1]overlay=x='mod(n*${BOX},${STEPS * BOX})':y='mod(floor(n/${STEPS})*${BOX},${HEIGHT - BOX})'`,
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-g', String(FPS), '-pix_fmt', 'yuv420p'],
    ...['-c:a', 'aac', '-movflags', '+faststart', path],
  ])
  return readFile(path)
}

/** The film with nothing but zeros in the video of a chunk, which then cannot be decoded. */
export async function withDamagedChunk(dir: string, chunks: number, damaged: number): Promise<Buffer> {
  const film = Buffer.from(await generateFilm(dir, chunks))
  const { stdout } = await run('ffprobe', [
    ...['-v', 'error', '-select_streams', 'v', '-show_entries', 'packet=pts_time,pos,size', '-of', 'json'],
    join(dir, `film-${chunks}.mp4`),
  ])
  const { packets } = JSON.parse(stdout) as { packets: { pts_time: string; pos: string; size: string }[] }
  for (const { pts_time, pos, size } of packets) {
    if (Math.floor(Number(pts_time) / CHUNK_S) === damaged)
      film.fill(0, Number(pos), Number(pos) + Number(size))
  }
  return film
}

async function run(tool: 'ffmpeg' | 'ffprobe', args: string[]) {
  const path = process.env[tool === 'ffmpeg' ? 'FFMPEG_PATH' : 'FFPROBE_PATH'] || tool
  return promisify(execFile)(path, args, { maxBuffer: 64 * 1024 ** 2 })
}

/** Estimated at more than a film's pixels take: they hardly change. */
export const filmTask = (url: string) => ({
  recipe: { sources: [{ url }], output: { format: 'mp4', quality: 'high' } },
})

export type FilmJob = { id: string; kind: string; status: string; attempt: number }

export const jobsOf = ({ query }: Pick<Stack, 'query'>, taskId: string): Promise<FilmJob[]> =>
  query<FilmJob>('SELECT id, kind, status, attempt FROM jobs WHERE task_id = $1 ORDER BY created_at', [
    taskId,
  ])

/** Attempts beyond the first of each job. */
export const repeatedAttempts = (jobs: FilmJob[]): number =>
  jobs.reduce((total, { attempt }) => total + Math.max(0, attempt - 1), 0)

/** A checksum of the task's only output; undefined unless it has exactly one. */
export async function checksumOf(
  { query, storage }: Pick<Stack, 'query' | 'storage'>,
  taskId: string,
): Promise<string | undefined> {
  const keys = await query<{ key: string }>(
    "SELECT output ->> 'key' AS key FROM tasks, jsonb_array_elements(outputs) output WHERE id = $1",
    [taskId],
  )
  const [only] = keys
  if (!only || keys.length > 1) return undefined
  const hash = createHash('sha256')
  for await (const chunk of await storage.read(only.key)) hash.update(chunk)
  return hash.digest('hex')
}
