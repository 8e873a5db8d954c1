import { clamp } from '../frames.ts'

/** The stretch of the source that the timeline shows, in frames; they need not be whole. */
export type View = { start: number; end: number }

/** Frames are some pixels wide then, which is close enough to point at one. */
const MIN_FRAMES = 24

export const wholeView = (total: number): View => ({ start: 0, end: total })

export const isWhole = ({ start, end }: View, total: number): boolean => start <= 0 && end >= total

/** Shows less (a factor below 1) or more around a frame, which stays where it is. */
export function zoomed({ start, end }: View, factor: number, around: number, total: number): View {
  const length = clamp((end - start) * factor, Math.min(MIN_FRAMES, total), total)
  const ratio = (clamp(around, start, end) - start) / (end - start)
  return viewFrom(clamp(around, start, end) - ratio * length, length, total)
}

/** Moved by so many frames, as far as there are any. */
export const moved = ({ start, end }: View, by: number, total: number): View =>
  viewFrom(start + by, end - start, total)

/** Moved as far as needed to show a frame. Where playback leaves the view, it goes on by a whole one. */
export function revealing(view: View, frame: number, total: number): View {
  const length = view.end - view.start
  if (frame >= view.start && frame < view.end) return view
  return viewFrom(frame < view.start ? frame - length * 0.9 : frame - length * 0.1, length, total)
}

const viewFrom = (start: number, length: number, total: number): View => {
  const from = clamp(start, 0, total - length)
  return { start: from, end: from + length }
}

/** Where a frame begins, from 0 at the left edge to 1 at the right one; outside of that when it is not shown. */
export const ratioOf = ({ start, end }: View, frame: number): number => (frame - start) / (end - start)

/** The frame boundary nearest to a place between the edges. */
export const frameAtRatio = ({ start, end }: View, ratio: number): number =>
  Math.round(start + clamp(ratio, 0, 1) * (end - start))
