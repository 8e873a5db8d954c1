import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ffmpeg } from '#test/clips.ts'

/** A benchmark clip: moving shapes with film grain, and a tone. */
export type Shape = {
  width: number
  height: number
  seconds: number
  /** Video encoder options; by default libx264 at about the bit rate of a camera. */
  video?: string[]
  extension?: string
}

/** The default clip: 30 s of 1080p at 24 frames per second and about 6 Mbit/s, with stereo audio. */
export const FULL_HD: Shape = { width: 1920, height: 1080, seconds: 30 }

/** H.264 with about as many bits per pixel as a camera or a web video. */
export const h264 = (bitrate: string): string[] => [
  '-c:v',
  'libx264',
  '-preset',
  'veryfast',
  '-b:v',
  bitrate,
  '-maxrate',
  bitrate,
  '-bufsize',
  '24M',
  '-g',
  '48',
]

/** A temporary directory for a benchmark's files, removed at the end of its scope. */
export async function openScratch(): Promise<AsyncDisposable & { dir: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'cutroom-bench-'))
  return { dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) }
}

/** Seconds that are generated; the rest of the clip repeats them. */
const LOOP_SECONDS = 5

/** Generates a clip; returns its path. */
export async function generateClip(dir: string, name: string, shape: Shape): Promise<string> {
  const { width, height, seconds, video = h264('6M'), extension = 'mp4' } = shape
  const loop = join(dir, `${name}-loop.mkv`)
  const path = join(dir, `${name}.${extension}`)
  // A flat test pattern decodes too fast; grain costs as much as real film.
  const size = `${width}x${height}`
  const pattern = `testsrc2=size=${size}:rate=24:duration=${LOOP_SECONDS},noise=alls=7:allf=t,format=yuv420p`
  await ffmpeg(['-f', 'lavfi', '-i', pattern, ...video, loop])
  const repeated = ['-stream_loop', String(Math.ceil(seconds / LOOP_SECONDS) - 1), '-i', loop]
  const tone = `sine=frequency=440:sample_rate=48000:duration=${seconds},aformat=channel_layouts=stereo`
  const codecs = ['-c:v', 'copy', '-c:a', extension === 'webm' ? 'libopus' : 'aac', '-b:a', '128k']
  await ffmpeg([...repeated, '-f', 'lavfi', '-i', tone, ...codecs, '-t', String(seconds), path])
  await rm(loop)
  return path
}
