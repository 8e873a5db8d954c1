import { formatOf } from '#shared/contract/formats.ts'
import type { MediaInfo, VideoInfo } from '#shared/contract/media-info.ts'
import type { Frame, Output, Recipe } from '#shared/contract/recipe.ts'
import { CutroomError } from '#shared/errors.ts'
import { DECODED_FORMAT } from './decoding/audio-decoding.ts'
import { cappedRate, type Matrix } from './encoders.ts'
import { exactRate, perSecond, type Rate, rateForMoments, rateOf } from './frame-rate.ts'
import { evenSize, type Size } from './geometry.ts'
import type { AudioFormat, Canvas, PlanContext, ProbedSource, Target } from './types.ts'

const hasVideo = ({ format }: Output) => formatOf(format).kind !== 'audio'
const hasAudio = ({ format }: Output) => formatOf(format).kind !== 'silent'

/**
 * Decides what a recipe's sources are brought to.
 * @throws CutroomError `media.impossible` when the sources lack the video or audio that the recipe asks for.
 */
export function chooseTarget({ recipe, outputs, sources }: PlanContext): Target {
  const infos = sources.map(({ info }) => info)
  const videoOutputs = outputs.filter(hasVideo)
  if (videoOutputs.length === 0) {
    const audio = audioOnlyFormat(outputs, sources)
    return { canvas: null, audio, rate: { num: audio.rate, den: 1 } }
  }
  const videos = infos.map(({ video }, index) => video ?? withoutVideo(index))
  const first = videos[0] ?? withoutVideo(0)
  const rate = rateForMoments(rateOf(first), momentsOf(recipe, infos, first))
  const canvas = canvasOf(recipe.frame, videoOutputs, first, rate)
  const audible = recipe.audio !== 'mute' && outputs.some(hasAudio)
  return { canvas, audio: audible ? { rate: 48_000, channels: 2 } : null, rate: canvas.rate }
}

/** The moments and lengths, in seconds, that a result has to keep: of trims, bumpers and parts, and for how long slow frames stand. */
function momentsOf({ sources, bumper, split }: Recipe, infos: MediaInfo[], { fps }: VideoInfo): number[] {
  const trims = infos.flatMap(({ duration }, i) => {
    const { start = 0, duration: wanted = Number.POSITIVE_INFINITY } = sources[i]?.trim ?? {}
    return [start, Math.min(wanted, duration - start)]
  })
  const bumpers = [bumper?.intro, bumper?.outro].flatMap((each) => each?.seconds ?? [])
  const cuts = split?.at ?? (split?.every ? [split.every] : [])
  return [...trims, ...bumpers, ...cuts, ...(fps > 0 && fps < 1 ? [1 / fps] : [])]
}

/** Pixels; the encoders take no longer side. */
const MAX_SIDE = 8192

/** The canvas: the frame of the recipe, else the shape and colours of the first source's video, and its `rate`. */
function canvasOf(frame: Frame | undefined, outputs: Output[], first: VideoInfo, rate: Rate): Canvas {
  const rates = outputs.map(({ fps, format }) => (fps ? exactRate(fps) : cappedRate(format, rate)))
  const fastest = rates.toSorted((a, b) => perSecond(b) - perSecond(a))[0]
  const size = evenSize(frameSize(frame, { width: first.display_width, height: first.display_height }))
  if (Math.max(size.width, size.height) > MAX_SIDE) {
    throw new CutroomError(
      'media.impossible',
      `The recipe does not fit its sources: the frame would be ${size.width}x${size.height}, and neither side may ` +
        `exceed ${MAX_SIDE} pixels. Set both width and height, or choose another aspect.`,
    )
  }
  return {
    ...size,
    rate: fastest ?? rate,
    matrix: matrixOf(first),
    fit: frame?.fit ?? 'pad',
    position: frame?.position ?? { x: 0.5, y: 0.5 },
    background: frame?.background ?? '#000000',
    upscale: frame?.upscale ?? false,
  }
}

/** A frame as a recipe gives it: sides, or an aspect. */
type RequestedFrame = {
  width?: number | undefined
  height?: number | undefined
  aspect?: string | undefined
  fit: string
}

/**
 * The size of the frame for video of this size. A side left out follows from the aspect, else from the video. An aspect
 * alone gives the largest frame inside the video for crop, and the smallest around it otherwise.
 */
export function frameSize(frame: RequestedFrame | undefined, video: Size): Size {
  if (!frame) return video
  const [across = video.width, down = video.height] = frame.aspect?.split(':').map(Number) ?? []
  const aspect = across / down
  const { width, height } = frame
  if (width && height) return { width, height }
  if (width) return { width, height: Math.round(width / aspect) }
  if (height) return { width: Math.round(height * aspect), height }
  const wider = video.width / video.height > aspect
  return wider === (frame.fit === 'crop')
    ? { width: Math.round(video.height * aspect), height: video.height }
    : { width: video.width, height: Math.round(video.width / aspect) }
}

/** The matrix of a source's video. Without a label, its size decides, as in players. */
export function matrixOf({ matrix, height }: VideoInfo): Matrix {
  if (matrix === null) return height >= 720 ? 'bt709' : 'bt601'
  return /^(smpte170m|bt470bg|fcc|bt601)$/.test(matrix) ? 'bt601' : 'bt709'
}

const COMMON_SAMPLE_RATES = [22_050, 32_000, 44_100, 48_000]

/** Audio as the first source has it, at most stereo: nothing is resampled without need. */
function audioOnlyFormat(outputs: Output[], sources: ProbedSource[]): AudioFormat {
  const formats = sources.flatMap(({ info: { audio }, decodedAudio }) =>
    audio
      ? [decodedAudio ? { channels: DECODED_FORMAT.channels, sample_rate: DECODED_FORMAT.rate } : audio]
      : [],
  )
  const first = formats[0]
  if (!first) {
    throw new CutroomError(
      'media.impossible',
      'The recipe does not fit its sources: it asks for audio, and none of them has any.',
    )
  }
  const rate = outputs.find(({ sample_rate }) => sample_rate)?.sample_rate ?? first.sample_rate
  const opus = outputs.some(({ format }) => format === 'ogg')
  const sourceChannels = Math.max(...formats.map(({ channels }) => channels))
  const channels = Math.max(...outputs.map((output) => output.channels ?? sourceChannels))
  return {
    rate: !opus && COMMON_SAMPLE_RATES.includes(rate) ? rate : 48_000,
    channels: channels > 1 ? 2 : 1,
  }
}

function withoutVideo(index: number): never {
  throw new CutroomError(
    'media.impossible',
    `The recipe does not fit its sources: source ${index + 1} has no video. Choose an audio format such as mp3.`,
  )
}
