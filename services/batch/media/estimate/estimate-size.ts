import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { Recipe } from '#shared/contract/recipe.ts'
import type { Plan, PlannedOutput } from '../plan/types.ts'
import {
  codecWeight,
  encoderFigures,
  GIF,
  JPEG_BYTES_PER_PIXEL,
  LOOSER,
  REFERENCE,
  STILL,
} from './cost-model.ts'
import type { Encoding, Encodings } from './encodings.ts'
import { pictureRate, soundRate } from './stream-rates.ts'

/** A source, and how many seconds of it are kept. */
export type KeptSource = { info: MediaInfo; seconds: number }

/** An MP4's index for a second: 24 frames and 47 packets of sound, a dozen bytes each. And an empty file. */
export const INDEX_BYTES_PER_SECOND = 800
const EMPTY_BYTES = 1000

/**
 * About how many bytes an output will have:
 * - a picture: its pixels times what a pixel of a JPEG takes; a text: what it is
 * - streams taken as they are: what they are in the source
 * - otherwise picture + sound + index. Sound takes its bit rate. So does a picture that was asked for by rate;
 *   by quality it takes `pictureBits` for each second that moves, and a little for a still one.
 */
export function sizeOf(
  output: PlannedOutput,
  { video, audio }: Encodings,
  recipe: Recipe,
  sources: KeptSource[],
  plan: Pick<Plan, 'outputs' | 'texts'>,
): number {
  const { expected, size } = output
  const text = plan.texts.find(({ path }) => path === output.path)
  if (text) return Buffer.byteLength(text.text)
  if (!expected) return Math.round((size?.width ?? 0) * (size?.height ?? 0) * JPEG_BYTES_PER_PIXEL)
  const moving = movingSeconds(recipe, expected.seconds)
  const weighed = moving + STILL * (expected.seconds - moving)
  const picture = expected.hasVideo ? pictureBits(video, expected, sources) * weighed : 0
  const sound = expected.hasAudio
    ? soundBits(
        audio,
        sources,
        plan.outputs.some((other) => other.expected?.hasVideo),
      ) * expected.seconds
    : 0
  return Math.round((picture + sound) / 8 + EMPTY_BYTES + INDEX_BYTES_PER_SECOND * expected.seconds)
}

/** Of an output's seconds, those that are no still bumper. */
export function movingSeconds({ bumper }: Recipe, seconds: number): number {
  const stills = [bumper?.intro, bumper?.outro].map((end) => (end && !end.clip ? end.seconds : 0))
  return Math.max(0, seconds - stills.reduce((sum, each) => sum + each, 0))
}

type Shape = { width: number | null; height: number | null; fps: number | null }

/**
 * Bits for a second of picture: what the encoder usually takes at this size and quality, but no more than what
 * the sources' own bits allow for. A simple picture came in few bits, and leaves in few.
 */
export function pictureBits(encoding: Encoding | null, shape: Shape, sources: KeptSource[]): number {
  const pixels = (shape.width ?? 0) * (shape.height ?? 0) * (shape.fps ?? 0)
  if (!encoding) return pixels * GIF.bitsPerPixel
  if (encoding.encoder === 'copy') return pictureRate(sources[0]?.info) ?? 0
  if (encoding.kbits !== undefined) return encoding.kbits * 1000
  const { size, crf, doubling } = encoderFigures(encoding.encoder, encoding.speed)
  const usual = REFERENCE.bitsPerSecond * (pixels / REFERENCE.pixelsPerSecond) ** REFERENCE.power
  const kept = sources.reduce((sum, { seconds }) => sum + seconds, 0)
  const bits = sources.reduce(
    (sum, source) => sum + (source.seconds / kept) * Math.min(usual, ownBits(source.info, pixels)),
    0,
  )
  return bits * size * 2 ** ((crf - (encoding.crf ?? crf)) / doubling)
}

/** What x264 veryfast would make of a source's own bits, at so many pixels a second. */
function ownBits(info: MediaInfo, pixels: number): number {
  const { video } = info
  const rate = pictureRate(info)
  const weight = codecWeight(video?.codec ?? '')
  if (!video || rate === undefined || weight === undefined) return Number.POSITIVE_INFINITY
  const share = Math.min(1, pixels / (video.width * video.height * video.fps || 1))
  return (rate / weight) * LOOSER * share ** REFERENCE.power
}

const PCM_BITS = 16

/** Bits for a second of sound. Uncompressed, it is as asked for, or as in the source, or stereo beside a picture. */
function soundBits(encoding: Encoding | null, [first]: KeptSource[], beside: boolean): number {
  const audio = beside ? null : first?.info.audio
  if (encoding?.encoder === 'copy') return soundRate(first?.info)
  if (encoding?.kbits !== undefined) return encoding.kbits * 1000
  const { hertz = audio?.sample_rate ?? 48_000, channels = Math.min(2, audio?.channels ?? 2) } =
    encoding ?? {}
  return PCM_BITS * hertz * channels
}
