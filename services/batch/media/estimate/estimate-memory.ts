import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { VIDEO_ENCODERS, VideoEncoding } from '../plan/encoders.ts'
import type { Plan, PlannedFile, PlannedOutput, PlannedRun } from '../plan/types.ts'

const MIB = 1024 ** 2

/**
 * What takes memory in a run, in MiB of what `RLIMIT_DATA` counts: `fixed`; for each thread, mostly its stack; for each megapixel of
 * a frame; and for each megapixel and thread. The figures that they come from are in docs/decisions/0036-jobs-take-slots.md.
 */
type Memory = { fixed: number; thread: number; megapixel: number; megapixelThread: number }

/** ffmpeg itself, its filters and the encoders of audio. */
const PROCESS = 150
/** Of a source that is decoded. */
const DECODER: Memory = { fixed: 0, thread: 9, megapixel: 20, megapixelThread: 3 }
/**
 * `high`: for each megapixel more at that quality, which looks further ahead. SVT-AV1 starts a hundred threads, whatever `-threads` is; its
 * `high` was not measured, and libaom, for what is tiny, counts as it.
 */
const ENCODERS: Record<keyof typeof VIDEO_ENCODERS, Memory & { high: number }> = {
  libx264: { fixed: 0, thread: 9, megapixel: 67, megapixelThread: 10, high: 120 },
  libx265: { fixed: 0, thread: 0, megapixel: 145, megapixelThread: 0, high: 25 },
  libsvtav1: { fixed: 640, thread: 0, megapixel: 260, megapixelThread: 0, high: 60 },
  'libaom-av1': { fixed: 640, thread: 0, megapixel: 260, megapixelThread: 0, high: 60 },
  'libvpx-vp9': { fixed: 0, thread: 4, megapixel: 95, megapixelThread: 0, high: 60 },
}
/** Threads that x264 chooses for each core. */
const THREADS_PER_CORE = 1.5
/** A GIF's frames, all of which wait for the palette: MiB of a megapixel. */
const GIF_FRAME = 1.5
/** Of the estimate. */
const MARGIN = 1.15

/**
 * About how many bytes of memory the largest run of a plan takes. `decoded`: the sources and bumper clips that are decoded. `cores`: of
 * the machine. What it does not know of, such as the conversion of HDR, is left to the margin. Pure.
 */
export function estimateMemory(
  { runs, outputs }: Pick<Plan, 'runs' | 'outputs'>,
  decoded: MediaInfo[],
  cores: number,
): number {
  const decoders = decoded.map(({ video }) =>
    video ? take(DECODER, megapixels(video.width, video.height), cores) : 0,
  )
  const encoders = runs.map((run) => sum(run.files.map((file) => encoderMemory(file, run, outputs, cores))))
  const largest = Math.max(0, ...encoders)
  const needed = PROCESS + (largest > 0 ? sum(decoders) + largest : 0)
  return Math.ceil(needed * MARGIN * MIB)
}

function encoderMemory(
  { path, video }: PlannedFile,
  { seconds }: Pick<PlannedRun, 'seconds'>,
  outputs: PlannedOutput[],
  cores: number,
): number {
  if (video === null || video === 'copy') return 0
  const pixels = pixelsOf(path, outputs)
  if (video.encoder === 'gif') return pixels * GIF_FRAME * seconds * rateOf(path, outputs)
  if (!('quality' in video)) return pixels
  const { high, ...memory } = ENCODERS[video.encoder]
  const lookahead = video.quality === 'high' ? high * pixels : 0
  return take(memory, pixels, threadsOf(video, cores)) + lookahead
}

const threadsOf = ({ threads }: Extract<VideoEncoding, { threads: number }>, cores: number): number =>
  threads > 0 ? threads : cores * THREADS_PER_CORE

const take = ({ fixed, thread, megapixel, megapixelThread }: Memory, pixels: number, threads: number) =>
  fixed + thread * threads + pixels * (megapixel + megapixelThread * threads)

/** Megapixels of the frames of a file: those of its output, or where it is cut into several, of the largest. */
function pixelsOf(path: string, outputs: PlannedOutput[]): number {
  const own = outputs.find((output) => output.path === path)
  const sizes = (own ? [own] : outputs).map(({ expected }) =>
    megapixels(expected?.width ?? 0, expected?.height ?? 0),
  )
  return Math.max(0, ...sizes)
}

const rateOf = (path: string, outputs: PlannedOutput[]): number =>
  outputs.find((output) => output.path === path)?.expected?.fps ?? 0

const megapixels = (width: number, height: number) => (width * height) / 1e6

const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0)
