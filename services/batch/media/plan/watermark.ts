import type { Watermark } from '#shared/contract/recipe.ts'
import { CutroomError } from '#shared/errors.ts'
import { chain, plain } from './filter-graph.ts'
import { even } from './geometry.ts'
import type { Canvas } from './target.ts'

/** Chains that lay a picture over a corner, from first frame to last. Throws `media.impossible` when it has no room. */
export function drawWatermark(
  under: string,
  picture: string,
  to: string,
  { corner, margin, opacity, width }: Watermark,
  canvas: Canvas,
): string[] {
  const wide = even(canvas.width * width)
  if (margin + wide > canvas.width || margin >= canvas.height)
    throw new CutroomError(
      'media.impossible',
      `The recipe does not fit: a frame of ${canvas.width}x${canvas.height} has no room for its watermark, ` +
        `${wide} wide with a margin of ${margin}.`,
    )
  const across = corner.endsWith('left') ? `${margin}` : `W-w-${margin}`
  const down = corner.startsWith('top') ? `${margin}` : `H-h-${margin}`
  const drawn = [
    `scale=${wide}:-2:out_color_matrix=${canvas.matrix}:out_range=tv`,
    'format=yuva420p',
    ...(opacity < 1 ? [`colorchannelmixer=aa=${plain(opacity)}`] : []),
  ]
  return [
    chain([picture], drawn, [`${to}p`]),
    chain([under, `${to}p`], [`overlay=${across}:${down}:format=yuv420`, 'format=yuv420p'], [to]),
  ]
}
