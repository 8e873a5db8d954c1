import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Inputs of ffmpeg: video that flashes, and audio that beeps, for the first tenth of every second. 25 frames a second. */
export const flashesAndBeeps = (seconds: number): string[] => [
  ...['-f', 'lavfi', '-i'],
  `color=black:s=96x64:r=25:d=${seconds},drawbox=color=white:t=fill:enable='lt(mod(n,25),3)'`,
  ...['-f', 'lavfi', '-i'],
  `aevalsrc='0.4*sin(2*PI*1000*t)*lt(mod(t,1),0.1)':s=48000:d=${seconds}`,
]

const SAMPLE_RATE = 8000
const FRAME_RATE = 25
const QUIET = 0.05 * 2 ** 15
/** Seconds without a sample that is not quiet, after which the next one is a new beep. */
const PAUSE_S = 0.2

/** Where a file flashes and beeps, in seconds; its frame rate is 25. See `flashesAndBeeps`. */
export async function onsetsOf(path = ''): Promise<{ flashes: number[]; beeps: number[] }> {
  const [flashes, beeps] = await Promise.all([flashesOf(path), beepsOf(path)])
  return { flashes, beeps }
}

async function flashesOf(path: string): Promise<number[]> {
  const filters = `fps=${FRAME_RATE},scale=1:1`
  const brightness = await decoded(path, ['-vf', filters, '-pix_fmt', 'gray', '-f', 'rawvideo'])
  const bright = [...brightness].map((value) => value > 128)
  return onsets(bright, FRAME_RATE)
}

/** Where a file beeps, in seconds. */
export async function beepsOf(path = ''): Promise<number[]> {
  const format = ['-ac', '1', '-ar', String(SAMPLE_RATE), '-f', 's16le']
  const bytes = await decoded(path, ['-vn', '-af', 'aresample=async=1:first_pts=0', ...format])
  const samples = new Int16Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 2))
  const loud = Array.from(samples, (sample) => Math.abs(sample) > QUIET)
  return onsets(loud, SAMPLE_RATE)
}

async function decoded(path: string, output: string[]): Promise<Buffer> {
  const options = ['-nostdin', '-v', 'error', '-i', path, ...output, '-']
  const { stdout } = await run('ffmpeg', options, { encoding: 'buffer', maxBuffer: 2 ** 27 })
  return stdout
}

function onsets(active: boolean[], rate: number): number[] {
  const found: number[] = []
  let last = Number.NEGATIVE_INFINITY
  for (const [i, isActive] of active.entries()) {
    if (!isActive) continue
    if (i - last > PAUSE_S * rate) found.push(i / rate)
    last = i
  }
  return found
}
