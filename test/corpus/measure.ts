import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type Facts, type Frame, frameOf, levelsOf } from './facts.ts'
import type { FileFacts } from './types.ts'

const run = promisify(execFile)
const MAX_BYTES = 256 * 1024 ** 2
/** Audio is measured at this rate, whatever the file has. */
const SAMPLE_RATE = 48_000

/** Measures a rendered file; colours and loudness only where `right` has values for them. */
export async function measure(path: string, right: FileFacts): Promise<Facts> {
  const { format, streams } = await ffprobe(path)
  const video = streams.find((each) => each.codec_type === 'video' && !each.disposition?.attached_pic)
  const audio = streams.find((each) => each.codec_type === 'audio')
  const seconds = format.duration === undefined ? undefined : Number(format.duration)
  return {
    seconds,
    ...(video ? { video: await measureVideo(path, video) } : {}),
    ...(audio ? { audio: await measureAudio(path, audio) } : {}),
    ...(right.colours ? { colours: await measureColours(path, right.colours) } : {}),
    ...(right.loudness === undefined ? {} : { loudness: await measureLoudness(path) }),
  }
}

type Stream = Record<
  'codec_type' | 'codec_name' | 'r_frame_rate' | 'avg_frame_rate' | 'duration' | 'sample_rate',
  string
> & { width: number; height: number; channels: number; disposition?: { attached_pic?: number } }

async function ffprobe(path: string): Promise<{ format: { duration?: string }; streams: Stream[] }> {
  const args = ['-v', 'error', '-show_format', '-show_streams', '-of', 'json', path]
  return JSON.parse((await run('ffprobe', args)).stdout)
}

async function ffmpeg(args: string[]) {
  const options = { encoding: 'buffer', maxBuffer: MAX_BYTES } as const
  const { stdout, stderr } = await run('ffmpeg', ['-nostdin', '-hide_banner', ...args], options)
  return { stdout, stderr: stderr.toString() }
}

async function measureVideo(path: string, stream: Stream) {
  const [num = 0, den = 1] = stream.r_frame_rate.split('/').map(Number)
  const fps = num / den
  const frames = await readFrames(path)
  const ends = (frames.at(-1)?.at ?? 0) + 1 / fps
  return {
    codec: stream.codec_name,
    // Pixels need not be square, and a display matrix may turn them: ffmpeg's frames are what a player shows.
    width: stream.width,
    height: stream.height,
    fps,
    seconds: stream.duration === undefined ? ends : Number(stream.duration),
    frames,
  }
}

/** Four pixels of each bar: the middle of it, averaged. */
const bar = (left: number) =>
  `crop=iw*0.1:ih*0.5:iw*${left}:ih*0.25,scale=2:2:flags=area:out_range=tv,format=yuv420p`
/** Frames of a few pixels are enlarged, so that each bar has some. */
const AT_LEAST_40 = "scale='max(40,iw)':'max(8,ih)':flags=neighbor"
const BARS = `${AT_LEAST_40},split=3[a][b][c];[a]${bar(0.05)}[x];[b]${bar(0.25)}[y];[c]${bar(0.85)}[z];[x][y][z]hstack=inputs=3,showinfo=checksum=0`
/** 6x2 pixels of luma and two planes of 3x1. */
const BYTES_PER_FRAME = 18

async function readFrames(path: string): Promise<Frame[]> {
  const { stdout, stderr } = await ffmpeg([
    ...['-i', path, '-map', '0:V:0', '-vf', BARS, '-fps_mode', 'passthrough', '-f', 'rawvideo', '-'],
  ])
  const times = [...stderr.matchAll(/ pts_time:\s*(\S+)/g)].map(([, time]) => Number(time))
  return times.map((at, i) => {
    const luma = (x: number) => stdout[i * BYTES_PER_FRAME + x] ?? 0
    return frameOf(at, luma(0), luma(2), luma(4))
  })
}

async function measureAudio(path: string, stream: Stream) {
  const { stdout } = await ffmpeg([
    ...['-v', 'error', '-i', path, '-map', '0:a:0', '-af', 'aresample=async=1:first_pts=0'],
    ...['-ar', String(SAMPLE_RATE), '-f', 'f32le', '-'],
  ])
  const samples = new Float32Array(new Uint8Array(stdout).buffer)
  const { codec_name: codec, channels } = stream
  const seconds = samples.length / channels / SAMPLE_RATE
  return { codec, channels, seconds, ...levelsOf(samples, channels, SAMPLE_RATE) }
}

/** The middle of each of `patches.length` equal columns, as a player shows it. */
async function measureColours(path: string, { at = 0, patches }: NonNullable<FileFacts['colours']>) {
  const width = 8 * patches.length
  // Averaging each column whole would mix in what encoders do at the borders between them.
  const filter = `scale=${width}:8:flags=neighbor,format=gbrp,format=rgb24,crop=${width}:1:0:4`
  const { stdout } = await ffmpeg([
    ...['-v', 'error', '-ss', String(at), '-i', path, '-map', '0:V:0', '-vf', filter, '-frames:v', '1'],
    ...['-f', 'rawvideo', '-'],
  ])
  return patches.map((_, i) => [...stdout.subarray((8 * i + 4) * 3, (8 * i + 5) * 3)])
}

async function measureLoudness(path: string): Promise<number> {
  const { stderr } = await ffmpeg(['-i', path, '-map', '0:a:0', '-af', 'ebur128', '-f', 'null', '-'])
  return Number(/I:\s*(\S+) LUFS\s*$/m.exec(stderr.slice(stderr.lastIndexOf('Summary')))?.[1])
}
