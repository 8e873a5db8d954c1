import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { Trim } from '#shared/contract/recipe.ts'
import { CutroomError } from '#shared/errors.ts'

/** The seconds of a source that are kept; `whole` when that is all of them. */
export type TrimRange = { start: number; seconds: number; whole: boolean }

/** Containers round durations to their own time base; a trim may run past the end by this much. */
const TOLERANCE_S = 0.05

/**
 * The seconds that a trim keeps of a source. Trims with `at_most` take what there is.
 * @throws CutroomError `media.impossible` when the trim starts behind the source's end, or runs past it.
 */
export function trimRange(trim: Trim | undefined, info: MediaInfo, index: number): TrimRange {
  const { start = 0, duration, at_most: atMost = false } = trim ?? {}
  const left = info.duration - start
  const frame = info.video?.fps ? 1 / info.video.fps : 0
  const source = `source ${index + 1} ends at ${rounded(info.duration)} s`
  if (left <= 0) throw impossible(`${source}, and its trim starts at ${start} s`)
  if (duration === undefined || (atMost && duration >= left)) {
    return { start, seconds: left, whole: start === 0 }
  }
  if (duration > left + Math.max(TOLERANCE_S, frame)) {
    throw impossible(`${source}, and its trim runs to ${rounded(start + duration)} s`)
  }
  return { start, seconds: Math.min(duration, left), whole: start === 0 && duration >= left }
}

const rounded = (seconds: number) => String(Math.round(seconds * 1000) / 1000)

const impossible = (why: string) =>
  new CutroomError(
    'media.impossible',
    `The recipe does not fit its sources: ${why}. Choose a trim inside the source.`,
  )
