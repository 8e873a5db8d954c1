import { formatOf } from '#shared/contract/formats.ts'
import type { MediaInfo, VideoInfo } from '#shared/contract/media-info.ts'
import { type Frame, type Output, outputsOf, type Recipe } from '#shared/contract/recipe.ts'
import { CutroomError } from '#shared/errors.ts'
import { exactRate, perSecond, type Rate, rateOf } from './frame-rate.ts'
import { evenSize, frameSize, type Size } from './geometry.ts'

/** Colour matrices an output can have: that of HD, and that of older SD. */
export type Matrix = 'bt709' | 'bt601'

/** What every picture of an output is brought to before they are joined. */
export type Canvas = Size & {
  rate: Rate
  matrix: Matrix
  fit: Frame['fit']
  background: string
  upscale: boolean
}

/** What all sound is brought to before it is joined. */
export type Sound = { rate: number; channels: 1 | 2 }

/**
 * What a recipe's sources are brought to. Lengths are counted in ticks of `rate`: frames, or samples when
 * there is sound alone.
 */
export type Target = { canvas: Canvas | null; sound: Sound | null; rate: Rate }

const hasPicture = ({ format }: Output) => formatOf(format).kind !== 'audio'
const hasSound = ({ format }: Output) => formatOf(format).kind !== 'silent'

/** The target of a recipe. Throws `media.impossible` when its sources have nothing of what it wants. */
export function targetOf(recipe: Recipe, infos: MediaInfo[]): Target {
  const outputs = outputsOf(recipe)
  const pictures = outputs.filter(hasPicture)
  if (pictures.length === 0) {
    const sound = soundAlone(outputs, infos)
    return { canvas: null, sound, rate: { num: sound.rate, den: 1 } }
  }
  const videos = infos.map(({ video }, place) => video ?? withoutPicture(place))
  const canvas = canvasOf(recipe.frame, pictures, videos[0] ?? withoutPicture(0))
  const audible = recipe.audio !== 'mute' && outputs.some(hasSound)
  return { canvas, sound: audible ? { rate: 48_000, channels: 2 } : null, rate: canvas.rate }
}

/** More than the encoders take. */
const LONGEST_SIDE = 8192

/** The canvas: the frame asked for, else the shape, rate and colours of the first picture. */
function canvasOf(frame: Frame | undefined, outputs: Output[], first: VideoInfo): Canvas {
  const asked = outputs.map(({ fps, format }) => (fps ? exactRate(fps) : usualRate(format, first)))
  const fastest = asked.toSorted((a, b) => perSecond(b) - perSecond(a))[0]
  const size = evenSize(frameSize(frame, { width: first.display_width, height: first.display_height }))
  if (Math.max(size.width, size.height) > LONGEST_SIDE)
    throw new CutroomError(
      'media.impossible',
      `The recipe does not fit: its frame would be ${size.width}x${size.height}. Give both sides, or another aspect.`,
    )
  return {
    ...size,
    rate: fastest ?? rateOf(first),
    matrix: matrixOf(first),
    fit: frame?.fit ?? 'pad',
    background: frame?.background ?? '#000000',
    upscale: frame?.upscale ?? false,
  }
}

const GIF_FPS = 15

/** The rate an output has when none is asked for: its first source's, at most 15 for a GIF. */
export function usualRate(format: Output['format'], first: VideoInfo): Rate {
  const own = rateOf(first)
  return format === 'gif' && perSecond(own) > GIF_FPS ? { num: GIF_FPS, den: 1 } : own
}

/** The matrix a picture was made with. What is not labelled is judged by its size, as players do. */
export function matrixOf({ matrix, height }: VideoInfo): Matrix {
  if (matrix === null) return height >= 720 ? 'bt709' : 'bt601'
  return /^(smpte170m|bt470bg|fcc|bt601)$/.test(matrix) ? 'bt601' : 'bt709'
}

const COMMON_RATES = [22_050, 32_000, 44_100, 48_000]

/** Sound as the first source has it, at most stereo: nothing is resampled for no reason. */
function soundAlone(outputs: Output[], infos: MediaInfo[]): Sound {
  const first = infos.find(({ audio }) => audio)?.audio
  if (!first)
    throw new CutroomError(
      'media.impossible',
      'The recipe does not fit: it wants sound, and no source has any.',
    )
  const asked = outputs.find(({ sample_rate }) => sample_rate)?.sample_rate ?? first.sample_rate
  const opus = outputs.some(({ format }) => format === 'ogg')
  const channels = outputs.find(({ channels }) => channels)?.channels
  const most = Math.max(...infos.map(({ audio }) => audio?.channels ?? 1))
  return {
    rate: !opus && COMMON_RATES.includes(asked) ? asked : 48_000,
    channels: channels ?? (most > 1 ? 2 : 1),
  }
}

function withoutPicture(place: number): never {
  throw new CutroomError(
    'media.impossible',
    `The recipe does not fit: source ${place + 1} has sound and no picture. Ask for a sound format instead.`,
  )
}
