import type { VideoInfo } from '#shared/contract/media-info.ts'
import type { Frame, Recipe } from '#shared/contract/recipe.ts'
import { evenSize, type Size } from './geometry.ts'
import { exactRate, type Rate, rateOf } from './rates.ts'

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

/** The canvas of a recipe: the frame asked for, else the shape, rate and colours of its first picture. */
export function canvasOf({ frame, output }: Pick<Recipe, 'frame' | 'output'>, first: VideoInfo): Canvas {
  const size = frame ?? { width: first.display_width, height: first.display_height }
  return {
    ...evenSize(size),
    rate: output.fps === undefined ? rateOf(first) : exactRate(output.fps),
    matrix: matrixOf(first),
    fit: frame?.fit ?? 'pad',
    background: frame?.background ?? '#000000',
    upscale: frame?.upscale ?? false,
  }
}

/** The matrix a picture was made with. What is not labelled is judged by its size, as players do. */
export function matrixOf({ matrix, height }: VideoInfo): Matrix {
  if (matrix === null) return height >= 720 ? 'bt709' : 'bt601'
  return /^(smpte170m|bt470bg|fcc|bt601)$/.test(matrix) ? 'bt601' : 'bt709'
}
