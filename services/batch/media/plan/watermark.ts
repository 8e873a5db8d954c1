import type { Watermark } from '#shared/contract/recipe.ts'
import { CutroomError } from '#shared/errors.ts'
import { type FilterGraph, plain, type StreamLabel } from './filter-graph.ts'
import { even } from './geometry.ts'
import type { Canvas } from './types.ts'

/**
 * Lays an image over a corner of the video, from first frame to last.
 * @throws CutroomError `media.impossible` when the frame is too small for it.
 */
export function overlayWatermark(
  graph: FilterGraph,
  video: StreamLabel,
  image: StreamLabel,
  { corner, margin, opacity, width }: Watermark,
  canvas: Canvas,
): StreamLabel {
  const pixels = even(canvas.width * width)
  if (margin + pixels > canvas.width || margin >= canvas.height) {
    throw new CutroomError(
      'media.impossible',
      `The recipe does not fit its sources: a frame of ${canvas.width}x${canvas.height} is too small for a watermark ` +
        `${pixels} pixels wide with a margin of ${margin}. Choose a smaller watermark or margin.`,
    )
  }
  const x = corner.endsWith('left') ? `${margin}` : `W-w-${margin}`
  const y = corner.startsWith('top') ? `${margin}` : `H-h-${margin}`
  const mark = graph.chain(
    [image],
    [
      `scale=${pixels}:-2:out_color_matrix=${canvas.matrix}:out_range=tv`,
      'format=yuva420p',
      ...(opacity < 1 ? [`colorchannelmixer=aa=${plain(opacity)}`] : []),
    ],
  )
  return graph.chain([video, mark], [`overlay=${x}:${y}:format=yuv420`, 'format=yuv420p'])
}
