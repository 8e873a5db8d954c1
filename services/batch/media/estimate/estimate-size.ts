import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { Recipe } from '#shared/contract/recipe.ts'
import { type AudioEncoding, GIF, VIDEO_ENCODERS, type VideoEncoding } from '../plan/encoders.ts'
import type { Expected, Plan, PlannedOutput } from '../plan/types.ts'
import {
  codecWeight,
  EMPTY_FILE_BYTES,
  FAST_ENCODER_OVERHEAD,
  INDEX_BYTES_PER_SECOND,
  JPEG_BYTES_PER_PIXEL,
  PCM_BITS,
  REFERENCE,
  STILL,
} from './cost-model.ts'
import { audioRate, videoRate } from './stream-rates.ts'

/** A source, and how many seconds of it are kept. */
export type KeptSource = { info: MediaInfo; seconds: number }

/**
 * About how many bytes an output will have:
 * - an image: its pixels times the bytes of a JPEG's pixel; a text: its own
 * - otherwise video + audio + index. Copied streams have the rate of the source, streams with a bit rate that one.
 *   Other video has `videoBits` for each moving second, and a little for a still one.
 */
export function sizeOf(
  output: PlannedOutput,
  recipe: Recipe,
  sources: KeptSource[],
  plan: Pick<Plan, 'outputs' | 'texts'>,
): number {
  const { expected, size, video, audio } = output
  const text = plan.texts.find(({ path }) => path === output.path)
  if (text) return Buffer.byteLength(text.text)
  if (!expected) return Math.round((size?.width ?? 0) * (size?.height ?? 0) * JPEG_BYTES_PER_PIXEL)
  const { seconds } = expected
  const moving = movingSeconds(recipe, seconds)
  const besideVideo = plan.outputs.some((other) => other.expected?.hasVideo)
  const videoSize = video ? videoBits(video, expected, sources) * (moving + STILL * (seconds - moving)) : 0
  const audioSize = audio ? audioBits(audio, sources, besideVideo) * seconds : 0
  return Math.round((videoSize + audioSize) / 8 + EMPTY_FILE_BYTES + INDEX_BYTES_PER_SECOND * seconds)
}

/** The seconds of an output that are not of still bumpers. */
export function movingSeconds({ bumper }: Recipe, seconds: number): number {
  const stills = [bumper?.intro, bumper?.outro].map((end) => (end && !end.clip ? end.seconds : 0))
  return Math.max(0, seconds - stills.reduce((sum, each) => sum + each, 0))
}

/**
 * Bits of a second of video: what the encoder usually takes at this size and quality, but no more than the sources' own
 * bits allow for. Simple video came in few bits, and leaves in few.
 */
function videoBits(
  video: VideoEncoding | 'copy',
  { width, height, fps }: Expected,
  sources: KeptSource[],
): number {
  const pixels = (width ?? 0) * (height ?? 0) * (fps ?? 0)
  if (video === 'copy') return (sources[0] && videoRate(sources[0].info)) ?? 0
  if (!('quality' in video)) return pixels * GIF.bitsPerPixel
  const { rateControl, encoder, quality } = video
  if ('kbits' in rateControl) return rateControl.kbits * 1000
  const { levels, crfPerDoubling } = VIDEO_ENCODERS[encoder]
  const { crf, relativeSize } = levels[quality]
  const usual = REFERENCE.bitsPerSecond * (pixels / REFERENCE.pixelsPerSecond) ** REFERENCE.power
  const kept = sources.reduce((sum, { seconds }) => sum + seconds, 0)
  const bits = sources.reduce(
    (sum, source) => sum + (source.seconds / kept) * Math.min(usual, contentBits(source.info, pixels)),
    0,
  )
  return bits * relativeSize * 2 ** ((crf - rateControl.crf) / crfPerDoubling)
}

/** What x264 veryfast would make of a source's own bits, at so many pixels per second. */
function contentBits(info: MediaInfo, pixels: number): number {
  const { video } = info
  const rate = videoRate(info)
  const weight = codecWeight(video?.codec ?? '')
  if (!video || rate === undefined || weight === undefined) return Number.POSITIVE_INFINITY
  const share = Math.min(1, pixels / (video.width * video.height * video.fps || 1))
  return (rate / weight) * FAST_ENCODER_OVERHEAD * share ** REFERENCE.power
}

/** Bits of a second of audio. Uncompressed: as asked for, or as in the source, or 48 kHz stereo beside video. */
function audioBits(encoding: AudioEncoding | 'copy', [first]: KeptSource[], besideVideo: boolean): number {
  if (encoding === 'copy') return first ? audioRate(first.info) : 0
  const { kbits, sampleRate, channels } = encoding
  if (kbits !== null) return kbits * 1000
  const source = besideVideo ? null : first?.info.audio
  return (
    PCM_BITS *
    (sampleRate ?? source?.sample_rate ?? 48_000) *
    (channels ?? Math.min(2, source?.channels ?? 2))
  )
}
