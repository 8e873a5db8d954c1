import { formatOf, type VideoCodec } from '#shared/contract/formats.ts'
import type { Output } from '#shared/contract/recipe.ts'
import { perSecond, type Rate } from './frame-rate.ts'
import type { Size } from './geometry.ts'

export type Quality = NonNullable<Output['quality']>

/** YCbCr matrices that outputs have: the one of HD, and the one of SD. */
export type Matrix = 'bt709' | 'bt601'

/**
 * An encoder at one speed: its options, the crf that it gets unless the recipe names one, and what it costs at that
 * crf. `msPerMegapixel` is CPU time; `relativeSize` is against x264 veryfast at crf 22.
 */
type Level = { options: string[]; crf: number; msPerMegapixel: number; relativeSize: number }

/** `crfPerDoubling`: a crf lower by this much doubles the size. */
type VideoEncoder = { crfPerDoubling: number; levels: Record<Quality, Level> }

/**
 * The video encoders, for planning and estimating alike. The levels of one quality look alike across encoders. Costs
 * were measured with ffmpeg 5.1 on two cores, encoding the same 4 s of camera footage at 640x360; x264 veryfast is
 * the mean of that (23 ms) and of an animated film at 1080p (14.6 ms). Between two machines, or two scenes, a
 * factor of two is usual. One pass of x264 veryfast beats two of medium, so that every output is encoded in one.
 */
export const VIDEO_ENCODERS = {
  libx264: {
    crfPerDoubling: 6,
    levels: {
      draft: { options: ['-preset', 'ultrafast'], crf: 28, msPerMegapixel: 6, relativeSize: 1.2 },
      standard: { options: ['-preset', 'veryfast'], crf: 22, msPerMegapixel: 18, relativeSize: 1 },
      high: { options: ['-preset', 'medium'], crf: 18, msPerMegapixel: 58, relativeSize: 2.1 },
    },
  },
  libx265: {
    crfPerDoubling: 6,
    levels: {
      draft: { options: x265('ultrafast'), crf: 30, msPerMegapixel: 33, relativeSize: 0.26 },
      standard: { options: x265('veryfast'), crf: 25, msPerMegapixel: 76, relativeSize: 0.51 },
      high: { options: x265('medium'), crf: 21, msPerMegapixel: 106, relativeSize: 0.86 },
    },
  },
  libsvtav1: {
    crfPerDoubling: 12,
    levels: {
      draft: { options: ['-preset', '12'], crf: 45, msPerMegapixel: 40, relativeSize: 0.29 },
      standard: { options: ['-preset', '9'], crf: 35, msPerMegapixel: 100, relativeSize: 0.48 },
      high: { options: ['-preset', '6'], crf: 27, msPerMegapixel: 430, relativeSize: 0.66 },
    },
  },
  // For what SVT-AV1 refuses, which is tiny. Not measured: the figures are those of SVT-AV1.
  'libaom-av1': {
    crfPerDoubling: 12,
    levels: {
      draft: { options: ['-cpu-used', '8'], crf: 45, msPerMegapixel: 40, relativeSize: 0.29 },
      standard: { options: ['-cpu-used', '6'], crf: 35, msPerMegapixel: 100, relativeSize: 0.48 },
      high: { options: ['-cpu-used', '4'], crf: 27, msPerMegapixel: 430, relativeSize: 0.66 },
    },
  },
  'libvpx-vp9': {
    crfPerDoubling: 12,
    levels: {
      draft: { options: vp9('realtime', '8'), crf: 40, msPerMegapixel: 16, relativeSize: 0.52 },
      standard: { options: vp9('good', '5'), crf: 33, msPerMegapixel: 117, relativeSize: 0.56 },
      high: { options: vp9('good', '2'), crf: 26, msPerMegapixel: 187, relativeSize: 0.92 },
    },
  },
} as const satisfies Record<string, VideoEncoder>

function x265(preset: string) {
  return ['-preset', preset, '-x265-params', 'log-level=error']
}

function vp9(deadline: string, speed: string) {
  return ['-deadline', deadline, '-cpu-used', speed, '-row-mt', '1']
}

/** GIF: how it is shaped unless the recipe says otherwise, and what a pixel takes, its palette included. */
export const GIF = { maxFps: 15, defaultWidth: 480, msPerMegapixel: 184, bitsPerPixel: 2.9 }

/** The rate of an output that names none: the given one, but no more than is usual for a GIF. */
export const cappedRate = (format: Output['format'], rate: Rate): Rate =>
  format === 'gif' && perSecond(rate) > GIF.maxFps ? { num: GIF.maxFps, den: 1 } : rate

/** The audio encoders: their usual bit rates in kbit/s, and CPU seconds for a second of audio. */
export const AUDIO_ENCODERS = {
  aac: { kbits: { draft: 96, standard: 128, high: 192 }, cpuPerSecond: 0.025 },
  libopus: { kbits: { draft: 64, standard: 112, high: 160 }, cpuPerSecond: 0.009 },
  libmp3lame: { kbits: { draft: 96, standard: 192, high: 320 }, cpuPerSecond: 0.0085 },
  pcm_s16le: { kbits: null, cpuPerSecond: 0.001 },
  pcm_f32le: { kbits: null, cpuPerSecond: 0.001 },
} as const satisfies Record<string, { kbits: Record<Quality, number> | null; cpuPerSecond: number }>

/**
 * How a video stream of a file is encoded. `gif`, `mjpeg` (stills) and `rawvideo` (frames that wait for their sheet) have
 * no choices.
 */
export type VideoEncoding =
  | {
      encoder: keyof typeof VIDEO_ENCODERS
      quality: Quality
      rateControl: { crf: number } | { kbits: number }
      pixelFormat: 'yuv420p'
      matrix: Matrix
      rate: Rate
      /** 0: the encoder chooses. */
      threads: number
      tag: 'hvc1' | null
      /** Seconds at which a frame must be a key frame, besides the first. */
      keyFramesAt: number[]
    }
  | { encoder: 'gif' }
  | { encoder: 'mjpeg' }
  | { encoder: 'rawvideo' }

/** How an audio stream of a file is encoded; null: as the encoder, or what it is given, has it. */
export type AudioEncoding = {
  encoder: keyof typeof AUDIO_ENCODERS
  kbits: number | null
  sampleRate: number | null
  channels: number | null
}

/** The container that a file is written in, by ffmpeg's name for its muxer. */
export type Muxer =
  | { name: 'mp4' | 'mov' | 'ipod'; faststart: boolean }
  | { name: 'matroska' | 'webm' | 'gif' | 'mp3' | 'ogg' | 'wav' | 'w64' | 'caf' | 'nut' | 'image2' | 'null' }
  /**
   * Several files, numbered from 1, in a container of the given kind; each begins at one of these frames. ffmpeg delays the first
   * one by the frames that the encoder reorders, unless it `startsAtZero`.
   */
  | { name: 'segment'; container: 'mp4' | 'matroska' | 'webm'; startFrames: number[]; startsAtZero?: true }

const ENCODER_OF: Record<VideoCodec, keyof typeof VIDEO_ENCODERS> = {
  h264: 'libx264',
  hevc: 'libx265',
  av1: 'libsvtav1',
  vp9: 'libvpx-vp9',
}

/** SVT-AV1 refuses frames with a shorter side. */
const SVT_AV1_MIN_SIDE = 64

/** Chooses how the video of an output is encoded, at this size and rate. */
export function chooseVideoEncoding(
  output: Output,
  { size, rate }: { size: Size; rate: Rate },
  matrix: Matrix,
  threads: number,
): VideoEncoding {
  if (output.format === 'gif') return { encoder: 'gif' }
  const codec = output.codec ?? formatOf(output.format).codecs[0] ?? 'h264'
  const tiny = codec === 'av1' && Math.min(size.width, size.height) < SVT_AV1_MIN_SIDE
  const encoder = tiny ? 'libaom-av1' : ENCODER_OF[codec]
  const quality = output.quality ?? 'standard'
  const { crf } = VIDEO_ENCODERS[encoder].levels[quality]
  return {
    encoder,
    quality,
    rateControl: output.bitrate ? { kbits: output.bitrate } : { crf: output.crf ?? crf },
    pixelFormat: 'yuv420p',
    matrix,
    rate,
    threads,
    // Apple's players know HEVC by this tag alone.
    tag: codec === 'hevc' && output.format !== 'mkv' ? 'hvc1' : null,
    keyFramesAt: [],
  }
}

const AUDIO_ENCODER_OF: Partial<Record<Output['format'], AudioEncoding['encoder']>> = {
  webm: 'libopus',
  ogg: 'libopus',
  mp3: 'libmp3lame',
  wav: 'pcm_s16le',
}

/** libopus takes no more than this for each channel, and fails when asked to. */
const OPUS_MAX_KBITS = 256

/** Chooses how the audio of an output is encoded; `channels` is how many the filter graph gives it. */
export function chooseAudioEncoding(output: Output, channels: number): AudioEncoding {
  const encoder = AUDIO_ENCODER_OF[output.format] ?? 'aac'
  const kbits = output.audio_bitrate ?? AUDIO_ENCODERS[encoder].kbits?.[output.quality ?? 'standard'] ?? null
  const maxKbits = OPUS_MAX_KBITS * (output.channels ?? channels)
  return {
    encoder,
    kbits: encoder === 'libopus' && kbits !== null ? Math.min(kbits, maxKbits) : kbits,
    sampleRate: output.sample_rate ?? null,
    channels: output.channels ?? null,
  }
}

/** The containers that outputs are written in. */
export const MUXERS: Record<Output['format'], Muxer> = {
  mp4: { name: 'mp4', faststart: true },
  mov: { name: 'mov', faststart: true },
  m4a: { name: 'ipod', faststart: true },
  mkv: { name: 'matroska' },
  webm: { name: 'webm' },
  gif: { name: 'gif' },
  mp3: { name: 'mp3' },
  ogg: { name: 'ogg' },
  wav: { name: 'wav' },
}

/**
 * True when nothing is lost by writing the container front to back, so that it can be sent while it is being written.
 * With ffmpeg 5.1, a GIF through a pipe is the same to the byte, and an Ogg but for its random serial number. The
 * others seek back: Matroska and WebM for their duration and cues, MP3 for the header that tells players its length
 * and the encoder's delay, WAV for its sizes (a pipe's says 4 GB), MP4 and its kin for the index.
 */
export const isStreamable = ({ format }: Output): boolean => format === 'gif' || format === 'ogg'
