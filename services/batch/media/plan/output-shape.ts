import type { Output } from '#shared/contract/recipe.ts'
import { exactRate, framesIn, perSecond, type Rate, rateText } from './frame-rate.ts'
import { even, type Size } from './geometry.ts'
import type { Canvas } from './target.ts'

/** Size and rate of an output's picture; `filters` lead there from the canvas, with labels after a name. */
export type OutputShape = { size: Size; rate: Rate; filters(name: string): string[] }

const GIF_WIDTH = 480

/** The shape of an output that lasts so many seconds. It is never larger or faster than the canvas. */
export function shapeOf(output: Output, canvas: Canvas, seconds: number): OutputShape {
  const gif = output.format === 'gif'
  const width = Math.min(canvas.width, output.width ?? (gif ? GIF_WIDTH : canvas.width))
  const size =
    width === canvas.width
      ? canvas
      : { width, height: even(Math.round((canvas.height * width) / canvas.width)) }
  const rate = output.fps
    ? exactRate(output.fps)
    : gif && perSecond(canvas.rate) > 15
      ? { num: 15, den: 1 }
      : canvas.rate
  const slower = perSecond(rate) < perSecond(canvas.rate)
  const filters = (name: string) => [
    // The filter may round up to a last frame that begins where the others end.
    ...(slower ? [`fps=${rateText(rate)}`, `trim=end_frame=${framesIn(seconds, rate)}`] : []),
    ...(size.width === canvas.width ? [] : [`scale=${size.width}:${size.height}`, 'setsar=1']),
    ...(gif
      ? [
          `split[g${name}a][g${name}b];[g${name}a]palettegen=stats_mode=diff[g${name}p];` +
            `[g${name}b][g${name}p]paletteuse=dither=bayer:bayer_scale=4:diff_mode=rectangle`,
        ]
      : []),
  ]
  return { size: { width: size.width, height: size.height }, rate, filters }
}
