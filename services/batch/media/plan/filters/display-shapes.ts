import type { Size } from '../geometry.ts'
import { entryOf } from '../seek.ts'
import type { SourceClip } from '../timeline.ts'

/**
 * The sizes at which the frames of a clip display when its source changes their shape: the first, and later ones from a second of the
 * clip on. `id`: of the clip, for the names of its filters.
 */
export type DisplayShapes = { id: number; first: Size; later: { at: number; size: Size }[] }

/** The shapes of what a clip shows; undefined where its source keeps the one that was probed. `rate`: ticks per second. */
export function displayShapes(
  clip: Pick<SourceClip, 'input' | 'range' | 'skip' | 'ticks' | 'times'>,
  rate: number,
): DisplayShapes | undefined {
  const { input, range, ticks, times: { shapes } = {} } = clip
  const entry = entryOf(clip)
  const first = shapes?.findLast(({ from }) => from <= entry) ?? shapes?.[0]
  if (!shapes || !first) return undefined
  const later = shapes.filter(({ from }) => from > Math.max(entry, first.from) && from < entry + ticks / rate)
  return {
    id: input,
    first: displaySize(first),
    later: later.map((shape) => ({ at: shape.from - range.start, size: displaySize(shape) })),
  }
}

const displaySize = ({ width, height, pixelAspect }: Size & { pixelAspect: number }): Size => ({
  width: Math.max(1, Math.round(width * pixelAspect)),
  height,
})
