/** Arithmetic of frames: frame n is on screen from n / fps to (n + 1) / fps. */

/** Timestamps are rounded to their time base, so a frame's own time may lie a little before its beginning. */
const ROUNDING = 0.01

/** The frame that is on screen at a time. */
export const frameAt = (seconds: number, fps: number): number =>
  Math.max(0, Math.floor(seconds * fps + ROUNDING))

/** When a frame begins. */
export const startOf = (frame: number, fps: number): number => frame / fps

/** Where to seek to see a frame: its middle. A browser that seeks to its beginning may show the frame before. */
export const middleOf = (frame: number, fps: number): number => (frame + 0.5) / fps

/** The number of frames of a video. */
export const framesIn = (duration: number, fps: number): number => Math.max(1, Math.round(duration * fps))

/** The frames from `first` to before `end`. */
export type Selection = { first: number; end: number }

/** The selection with its first frame moved; it keeps at least one frame. */
export const withFirst = (selection: Selection, first: number): Selection => ({
  ...selection,
  first: clamp(first, 0, selection.end - 1),
})

/** The selection with its first frame where it is marked; behind its end, it goes to the end of the video. */
export const startingAt = (selection: Selection, frame: number, total: number): Selection =>
  frame >= selection.end ? { first: frame, end: total } : withFirst(selection, frame)

/** The selection with its last frame where it is marked; before its start, it begins with the video. */
export const endingWith = (selection: Selection, frame: number, total: number): Selection =>
  frame < selection.first ? { first: 0, end: frame + 1 } : withEnd(selection, frame + 1, total)

/** The selection with another end; it keeps at least one frame. */
export const withEnd = (selection: Selection, end: number, total: number): Selection => ({
  ...selection,
  end: clamp(end, selection.first + 1, total),
})

/**
 * The trim that keeps exactly these frames, or undefined for the whole video; up to the last frame it has no duration. It starts where the first frame begins, from which
 * the service's frame rate conversion chooses the same frame as long as the times agree to half a frame.
 */
export function trimOf(
  { first, end }: Selection,
  fps: number,
  total: number | undefined,
): { start: number; duration?: number } | undefined {
  const toEnd = total !== undefined && end >= total
  if (first <= 0 && toEnd) return undefined
  const start = microseconds(startOf(first, fps))
  return toEnd ? { start } : { start, duration: microseconds((end - first) / fps) }
}

/** The same stretch of time at another frame rate, as when the probe corrects a guess. */
export const atRate = ({ first, end }: Selection, from: number, to: number): Selection => {
  const start = Math.round((first / from) * to)
  return { first: start, end: Math.max(start + 1, Math.round((end / from) * to)) }
}

/**
 * The key frame next to a frame in a direction; `seconds` are when key frames are shown, ascending. Undefined when there is none.
 */
export function nextKeyFrame(
  seconds: readonly number[],
  frame: number,
  direction: 1 | -1,
  fps: number,
): number | undefined {
  const frames = seconds.map((time) => Math.round(time * fps))
  return direction > 0 ? frames.find((key) => key > frame) : frames.findLast((key) => key < frame)
}

const microseconds = (seconds: number) => Math.round(seconds * 1e6) / 1e6

export const clamp = (value: number, min: number, max: number): number => Math.min(Math.max(value, min), max)
