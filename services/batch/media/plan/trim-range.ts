import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { Trim } from '#shared/contract/recipe.ts'
import { CutroomError } from '#shared/errors.ts'

/** Which seconds of a source are kept. `whole` when that is all of them. */
export type TrimRange = { start: number; seconds: number; whole: boolean }

/** Containers round durations to their own ticks; a trim may overrun the end by this much. */
const TOLERANCE_S = 0.05

/**
 * The seconds a trim keeps of a source. `at_most` trims take what there is. Throws `media.impossible` when
 * the trim starts behind the end, or runs past it.
 */
export function trimRange(trim: Trim | undefined, info: MediaInfo, place: number): TrimRange {
  const { start = 0, duration, at_most: atMost = false } = trim ?? {}
  const left = info.duration - start
  const frame = info.video?.fps ? 1 / info.video.fps : 0
  if (left <= 0)
    throw impossible(
      `source ${place + 1} ends at ${shown(info.duration)} s, and its trim starts at ${start} s`,
    )
  if (duration === undefined || (atMost && duration >= left))
    return { start, seconds: left, whole: start === 0 }
  if (duration > left + Math.max(TOLERANCE_S, frame))
    throw impossible(
      `source ${place + 1} ends at ${shown(info.duration)} s, and its trim runs to ${shown(start + duration)} s`,
    )
  return { start, seconds: Math.min(duration, left), whole: start === 0 && duration >= left }
}

const shown = (seconds: number) => String(Math.round(seconds * 1000) / 1000)

const impossible = (why: string) =>
  new CutroomError('media.impossible', `The recipe does not fit: ${why}. Choose a trim inside the source.`)
