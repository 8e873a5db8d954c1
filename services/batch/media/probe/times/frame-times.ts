/** When the frames of a video are shown, from which its rate follows. */
export type FrameTimes = {
  /** Takes the next frame in the order of decoding: seconds. */
  add(shownAt: number): void
  /**
   * The rate at which frames follow each other while the video moves, in frames per second; undefined for a few frames.
   * A screen recording that stands still for minutes and moves at 60 frames per second has a rate of 60.
   */
  peakRate(): number | undefined
}

/** No codec shows a frame later than this many others that are decoded after it. */
const REORDERED_FRAMES = 32
/** Intervals that are looked at together, so that jitter and times in whole milliseconds even out. */
const WINDOW = 4
/** Frames closer than this are one frame that was stored twice: seconds. */
const SHORTEST_INTERVAL_S = 0.0035
/** Fewer windows say nothing. */
const MIN_WINDOWS = 8
/** Windows are counted by their length, to this: 59.94 and 60 frames per second differ by 67 µs in a window. */
const UNIT_S = 0.000_01
/** Nothing moves as slowly as that: seconds. */
const LONGEST_WINDOW_S = 1
/** The share of frames that must follow each other that fast: less is a hiccup of the recorder. */
const MOVING_SHARE = 0.02
/** Windows of one rate differ by less than this: frames that are missing from a window make more. */
const SPREAD = 1.15

/** Collects the times of frames, in memory that does not grow with them. */
export function createFrameTimes(): FrameTimes {
  const pending: number[] = []
  /** The latest frames, ascending. */
  const latest: number[] = []
  /** How many windows are how long; longer ones are only counted. */
  const windows = new Map<number, number>()
  let total = 0

  const show = (shownAt: number) => {
    if (shownAt - (latest.at(-1) ?? Number.NEGATIVE_INFINITY) < SHORTEST_INTERVAL_S) return
    latest.push(shownAt)
    if (latest.length <= WINDOW) return
    const seconds = shownAt - (latest.shift() ?? shownAt)
    total += 1
    if (seconds > LONGEST_WINDOW_S) return
    const length = Math.round(seconds / UNIT_S)
    windows.set(length, (windows.get(length) ?? 0) + 1)
  }

  return {
    add(shownAt) {
      if (!Number.isFinite(shownAt)) return
      pending.splice(pending.findLastIndex((earlier) => earlier <= shownAt) + 1, 0, shownAt)
      if (pending.length > REORDERED_FRAMES) show(pending.shift() ?? shownAt)
    },
    peakRate() {
      for (const shownAt of pending.splice(0)) show(shownAt)
      const found = [...windows].toSorted(([a], [b]) => a - b)
      const fastest = total < MIN_WINDOWS ? undefined : fastestLength(found, total * MOVING_SHARE)
      return fastest && WINDOW / (typicalLength(found, fastest) * UNIT_S)
    },
  }
}

type Windows = [length: number, count: number][]

/** The length that at least this many windows do not exceed; undefined when hardly any is short enough. */
function fastestLength(windows: Windows, least: number): number | undefined {
  let count = 0
  return windows.find(([, n]) => {
    count += n
    return count >= least
  })?.[0]
}

/** The mean of the windows around a length, moved to where most of them are. */
function typicalLength(windows: Windows, fastest: number): number {
  let center = fastest * Math.sqrt(SPREAD)
  for (let step = 0; step < 4; step++) {
    const near = windows.filter(([length]) => length >= center / SPREAD && length <= center * SPREAD)
    const count = near.reduce((sum, [, n]) => sum + n, 0)
    center = near.reduce((sum, [length, n]) => sum + length * n, 0) / count
  }
  return center
}
