import type { VideoInfo } from '#shared/contract/media-info.ts'

/** Frames per second as a fraction, so that 29.97 stays 30000/1001. */
export type Rate = { num: number; den: number }

const BROADCAST_RATES: Rate[] = [
  { num: 24_000, den: 1001 },
  { num: 24, den: 1 },
  { num: 25, den: 1 },
  { num: 30_000, den: 1001 },
  { num: 30, den: 1 },
  { num: 48, den: 1 },
  { num: 50, den: 1 },
  { num: 60_000, den: 1001 },
  { num: 60, den: 1 },
]
const FASTEST: Rate = { num: 60, den: 1 }

/** A rate as a number. */
export const perSecond = ({ num, den }: Rate): number => num / den

/** A rate as ffmpeg's filters read it. */
export const rateText = ({ num, den }: Rate): string => (den === 1 ? String(num) : `${num}/${den}`)

/** The number of whole frames nearest to these seconds; at least one. */
export const framesIn = (seconds: number, rate: Rate): number =>
  Math.max(1, Math.round(seconds * perSecond(rate)))

/** The smallest number of frames that takes a whole number of milliseconds: 3 at 24 frames per second, 24 at 23.976. */
export const framesInWholeMilliseconds = ({ num, den }: Rate): number => num / gcd(num, 1000 * den)

/** The greatest common divisor of two positive whole numbers. */
export const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/** Frames per second as a fraction: the nearest broadcast rate, or the number itself to the thousandth. */
export function exactRate(fps: number): Rate {
  const nearest = nearestBroadcastRate(fps)
  if (Math.abs(perSecond(nearest) - fps) < 0.005) return nearest
  const thousandths = Math.round(fps * 1000)
  return thousandths % 1000 === 0 ? { num: thousandths / 1000, den: 1 } : { num: thousandths, den: 1000 }
}

function nearestBroadcastRate(fps: number): Rate {
  const distance = (rate: Rate) => Math.abs(perSecond(rate) - fps)
  return BROADCAST_RATES.toSorted((a, b) => distance(a) - distance(b))[0] ?? FASTEST
}

/**
 * The rate that a result takes from its first source: that source's own, at most 60 frames per second. A variable rate
 * becomes the broadcast rate at which the video moves, or the next one above, so that no motion is lost; where that rate
 * is not known, the next one above the average.
 */
export function rateOf(video: VideoInfo): Rate {
  if (!(video.fps > 0)) return { num: 25, den: 1 }
  if (video.variable_fps && video.peak_fps) return rateOfMotion(video.peak_fps)
  if (video.fps > perSecond(FASTEST)) return FASTEST
  if (!video.variable_fps) return exactRate(Math.max(1, video.fps))
  return slowestAbove(video.fps * 0.99)
}

/** Measured rates are this exact. */
const PEAK_TOLERANCE = 0.03

function rateOfMotion(peak: number): Rate {
  const nearest = nearestBroadcastRate(peak)
  const isNear = Math.abs(perSecond(nearest) / peak - 1) < PEAK_TOLERANCE
  return isNear ? nearest : slowestAbove(peak)
}

const slowestAbove = (fps: number): Rate => BROADCAST_RATES.find((rate) => perSecond(rate) >= fps) ?? FASTEST

/** At this rate, a moment is at most 0.05 s from a frame: no trim has to be more exact. Frames per second. */
const FINE_FPS = 10
/** So far may a moment be from a frame: seconds. */
const FRAME_TOLERANCE_S = 0.05

/**
 * The least multiple of a slow rate, as slide shows and time lapses have it, that is fine enough for moments between its frames, in
 * seconds; the rate itself where there are none. The length of audio is counted in frames as well.
 */
export function rateForMoments(rate: Rate, moments: number[]): Rate {
  const fps = perSecond(rate)
  const isBetween = (moment: number) => Math.abs(moment - Math.round(moment * fps) / fps) > FRAME_TOLERANCE_S
  if (fps >= FINE_FPS || !moments.some(isBetween)) return rate
  return { num: rate.num * Math.ceil(FINE_FPS / fps), den: rate.den }
}
