import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ffmpeg } from '#test/clips.ts'

/** What a benchmark's clip is like: moving shapes under film grain, with a tone. */
export type Shape = {
  width: number
  height: number
  seconds: number
  /** Encoder of the picture with its options; libx264 at about the bit rate of a camera's when left out. */
  video?: string[]
  ending?: string
}

/** The usual clip: 30 s of 1080p at 24 frames per second and some 6 Mbit/s, with stereo sound. */
export const FULL_HD: Shape = { width: 1920, height: 1080, seconds: 30 }

/** H.264 of about as many bits for a pixel as a camera or a web video has. */
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

/** A folder for a benchmark's files, gone at the end of its scope. */
export async function openScratch(): Promise<AsyncDisposable & { dir: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'cutroom-bench-'))
  return { dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) }
}

/** How much is made anew; the rest is that again. */
const OWN_SECONDS = 5

/** Makes a clip; gives its path. */
export async function makeClip(dir: string, name: string, shape: Shape): Promise<string> {
  const { width, height, seconds, video = h264('6M'), ending = 'mp4' } = shape
  const once = join(dir, `${name}-once.mkv`)
  const path = join(dir, `${name}.${ending}`)
  // Flat test pictures are decoded in no time: grain costs what real film costs.
  const size = `${width}x${height}`
  const picture = `testsrc2=size=${size}:rate=24:duration=${OWN_SECONDS},noise=alls=7:allf=t,format=yuv420p`
  await ffmpeg(['-f', 'lavfi', '-i', picture, ...video, once])
  const again = ['-stream_loop', String(Math.ceil(seconds / OWN_SECONDS) - 1), '-i', once]
  const sound = `sine=frequency=440:sample_rate=48000:duration=${seconds},aformat=channel_layouts=stereo`
  const codecs = ['-c:v', 'copy', '-c:a', ending === 'webm' ? 'libopus' : 'aac', '-b:a', '128k']
  await ffmpeg([...again, '-f', 'lavfi', '-i', sound, ...codecs, '-t', String(seconds), path])
  await rm(once)
  return path
}
