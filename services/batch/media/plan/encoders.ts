import { formatOf, type VideoCodec } from '#shared/contract/formats.ts'
import type { Output } from '#shared/contract/recipe.ts'
import type { Size } from './geometry.ts'
import type { Matrix } from './target.ts'

type Quality = NonNullable<Output['quality']>
type Encoder = { options: Record<Quality, string[]>; crf: Record<Quality, number> }

// Speeds and crf of each codec that look alike. One pass of x264 veryfast beats two of medium: frames are
// encoded once.
const ENCODERS: Record<VideoCodec | 'tiny-av1', Encoder> = {
  h264: {
    options: {
      draft: ['-c:v', 'libx264', '-preset', 'ultrafast'],
      standard: ['-c:v', 'libx264', '-preset', 'veryfast'],
      high: ['-c:v', 'libx264', '-preset', 'medium'],
    },
    crf: { draft: 28, standard: 22, high: 18 },
  },
  hevc: {
    options: {
      draft: ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=error'],
      standard: ['-c:v', 'libx265', '-preset', 'veryfast', '-x265-params', 'log-level=error'],
      high: ['-c:v', 'libx265', '-preset', 'medium', '-x265-params', 'log-level=error'],
    },
    crf: { draft: 30, standard: 25, high: 21 },
  },
  av1: {
    options: {
      draft: ['-c:v', 'libsvtav1', '-preset', '12'],
      standard: ['-c:v', 'libsvtav1', '-preset', '9'],
      high: ['-c:v', 'libsvtav1', '-preset', '6'],
    },
    crf: { draft: 45, standard: 35, high: 27 },
  },
  // SVT-AV1 refuses pictures below 64 pixels.
  'tiny-av1': {
    options: {
      draft: ['-c:v', 'libaom-av1', '-cpu-used', '8'],
      standard: ['-c:v', 'libaom-av1', '-cpu-used', '6'],
      high: ['-c:v', 'libaom-av1', '-cpu-used', '4'],
    },
    crf: { draft: 45, standard: 35, high: 27 },
  },
  vp9: {
    options: {
      draft: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-row-mt', '1'],
      standard: ['-c:v', 'libvpx-vp9', '-deadline', 'good', '-cpu-used', '5', '-row-mt', '1'],
      high: ['-c:v', 'libvpx-vp9', '-deadline', 'good', '-cpu-used', '2', '-row-mt', '1'],
    },
    crf: { draft: 40, standard: 33, high: 26 },
  },
}

/** The codec of an output's picture: the one asked for, else the format's usual one. */
export const codecOf = ({ codec, format }: Output): VideoCodec =>
  codec ?? formatOf(format).codecs[0] ?? 'h264'

const TAGS: Record<Matrix, string> = { bt709: 'bt709', bt601: 'smpte170m' }

/** Options that encode a picture of this size, and say how it is coloured: players guess otherwise. */
export function videoOptions(output: Output, size: Size, matrix: Matrix, threads: number): string[] {
  const codec = codecOf(output)
  const tiny = codec === 'av1' && Math.min(size.width, size.height) < 64
  const { options, crf } = ENCODERS[tiny ? 'tiny-av1' : codec]
  const quality = output.quality ?? 'standard'
  const tag = TAGS[matrix]
  return [
    ...options[quality],
    ...rateControl(output, crf[quality], codec),
    ...['-pix_fmt', 'yuv420p', '-fps_mode', 'cfr'],
    ...['-colorspace', tag, '-color_primaries', tag, '-color_trc', tag, '-color_range', 'tv'],
    // Apple's players know HEVC by this tag alone.
    ...(codec === 'hevc' && output.format !== 'mkv' ? ['-tag:v', 'hvc1'] : []),
    ...(threads > 0 ? ['-threads', String(threads)] : []),
  ]
}

function rateControl({ bitrate, crf }: Output, usual: number, codec: VideoCodec): string[] {
  if (!bitrate) return ['-crf', String(crf ?? usual), ...(codec === 'vp9' ? ['-b:v', '0'] : [])]
  const rate = ['-b:v', `${bitrate}k`]
  // SVT-AV1 takes a ceiling only together with crf.
  return codec === 'av1' ? rate : [...rate, '-maxrate', `${bitrate * 1.5}k`, '-bufsize', `${bitrate * 2}k`]
}

const BITRATES: Record<string, Record<Quality, number>> = {
  aac: { draft: 96, standard: 128, high: 192 },
  libopus: { draft: 64, standard: 112, high: 160 },
  libmp3lame: { draft: 96, standard: 192, high: 320 },
}
const SOUND_ENCODERS: Partial<Record<Output['format'], string>> = {
  webm: 'libopus',
  ogg: 'libopus',
  mp3: 'libmp3lame',
  wav: 'pcm_s16le',
}

/** Opus takes no more for each channel, and fails when asked to. */
const OPUS_KBITS = 256

/** Options that encode sound of so many channels for an output. */
export function audioOptions(output: Output, channels = 2): string[] {
  const encoder = SOUND_ENCODERS[output.format] ?? 'aac'
  const wanted = output.audio_bitrate ?? BITRATES[encoder]?.[output.quality ?? 'standard']
  const most = OPUS_KBITS * (output.channels ?? channels)
  const bitrate = encoder === 'libopus' && wanted ? Math.min(wanted, most) : wanted
  return [
    ...['-c:a', encoder],
    ...(bitrate ? ['-b:a', `${bitrate}k`] : []),
    ...(output.sample_rate ? ['-ar', String(output.sample_rate)] : []),
    ...(output.channels ? ['-ac', String(output.channels)] : []),
  ]
}

const MUXERS: Record<Output['format'], string[]> = {
  mp4: ['-movflags', '+faststart', '-f', 'mp4'],
  mov: ['-movflags', '+faststart', '-f', 'mov'],
  m4a: ['-movflags', '+faststart', '-f', 'ipod'],
  mkv: ['-f', 'matroska'],
  webm: ['-f', 'webm'],
  gif: ['-f', 'gif'],
  mp3: ['-f', 'mp3'],
  ogg: ['-f', 'ogg'],
  wav: ['-f', 'wav'],
}

/** Options that write the container. */
export const muxerOptions = ({ format }: Output): string[] => MUXERS[format]

/**
 * True when nothing is lost by writing the container forwards only, so that it may be sent on while it is made.
 * With ffmpeg 5.1, a GIF through a pipe is the same to the byte, and an Ogg but for its random serial number.
 * The others go back: Matroska and WebM for their duration and cues, MP3 for the header that tells players
 * its length and the encoder's delay, WAV for its sizes (a pipe's says 4 GB), MP4 and its kin for the index.
 */
export const isStreamable = ({ format }: Output): boolean => format === 'gif' || format === 'ogg'

// A source's titles and places it was filmed at are nobody else's business; its chapters no longer fit.
export const ANONYMOUS: string[] = ['-map_metadata', '-1', '-map_chapters', '-1']
