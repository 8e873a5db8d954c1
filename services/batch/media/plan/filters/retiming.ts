import { plain } from '../filter-graph.ts'
import { framesInWholeMilliseconds, perSecond, type Rate, rateText } from '../frame-rate.ts'

/** Filters that bring video to a rate, and the number of the first frame that they give. */
type Retiming = { filters: string[]; firstFrame: number }

/** Filters that let video start at 0. With ffmpeg 7, setpts leaves it without a rate, and tpad then holds nothing. */
const fromZero = (rate: Rate): string[] => ['setpts=PTS-STARTPTS', `fps=${rateText(rate)}`]

/** Half frames and milliseconds are whole numbers in it. ffmpeg refuses what is much finer than a nanosecond. */
export const FINE_TIME_BASE = "settb='max(intb/1000,1/1000000000)'"

/**
 * The frame nearest to each moment from `before` frames before 0 on. `fps` drops the last frame when the stream ends before the
 * frame's moment does, as where a recorder states no duration for it: another would then be held in its place. `keepsLast` moves
 * the moments back by one, behind which the end is not: `start_time` moves frames, but not the end. Half a frame and rounding
 * down choose as rounding to the nearest does; the microsecond lets a frame in the middle of two count for the later.
 */
function atRate(rate: Rate, { before = 0, keepsLast }: { before?: number; keepsLast: boolean }): string[] {
  if (!keepsLast) return [`fps=${rateText(rate)}:start_time=${plain(-before / perSecond(rate))}`]
  const start = plain(-(before + 0.5) / perSecond(rate) - 0.000_001)
  return [`fps=${rateText(rate)}:start_time=${start}:round=down:eof_action=pass`, ...fromZero(rate)]
}

/** From `before` frames before the start of the clip. Of the frames up to then, the filter keeps the one on screen. */
export const fromStart = (rate: Rate, before: number, keepsLast: boolean): Retiming => ({
  filters: [
    ...(keepsLast ? [FINE_TIME_BASE] : []),
    ...atRate(rate, { before, keepsLast }),
    ...(before > 0 && !keepsLast ? fromZero(rate) : []),
  ],
  firstFrame: -before,
})

/** Frames. Rates that need more of them for a whole number of milliseconds are counted from the start of the clip. */
const MAX_STEP = 300

/**
 * From a frame of the clip. Timestamps are moved to where a whole number of milliseconds has passed, since that rounds
 * nothing: the filter chooses the same frames as if it had started with the clip. The frames up to the wanted one are
 * repetitions of it, and dropped before anything is done to them.
 */
export function fromFrame(rate: Rate, frame: number, keepsLast: boolean): Retiming {
  const step = framesInWholeMilliseconds(rate)
  const origin = step <= MAX_STEP ? Math.floor(frame / step) * step : Math.min(0, frame)
  const seconds = Math.round((origin * 1000) / perSecond(rate)) / 1000
  return {
    filters: [
      ...(origin === 0 && !keepsLast ? [] : [FINE_TIME_BASE]),
      ...(origin === 0 ? [] : [`setpts=PTS-round(${plain(seconds)}/TB)`]),
      ...atRate(rate, { keepsLast }),
      ...(frame > origin ? [`trim=start_frame=${frame - origin}`, ...fromZero(rate)] : []),
    ],
    firstFrame: frame,
  }
}
