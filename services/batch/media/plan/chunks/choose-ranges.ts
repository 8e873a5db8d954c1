import { gcd, type Rate } from '../frame-rate.ts'
import type { Timeline } from '../timeline.ts'
import { bordersOf, type TickRange } from './slice-timeline.ts'

/**
 * Ticks: how long a chunk should be, how short it may be, what the distance between two cuts must divide by, and where
 * decoding can start, ascending.
 */
export type ChunkSize = { ticks: number; minTicks: number; grid: number; keyTicks: number[] }

/** A part may be this much longer than a chunk before it is divided. */
const SLACK = 1.5

/** The grid that chunks must keep to, in ticks: a cut must fall between two frames of every output, whatever its rate. */
export const gridOf = (rate: Rate, outputRates: Rate[]): number =>
  outputRates.map((output) => ticksBetween(rate, output)).reduce(lcm, 1)

/** The smallest number of frames at one rate that lasts a whole number of frames at another. */
const ticksBetween = (rate: Rate, other: Rate): number => {
  const [frames, others] = [rate.num * other.den, other.num * rate.den]
  return frames / gcd(frames, others)
}

const lcm = (a: number, b: number): number => (a / gcd(a, b)) * b

/**
 * Divides the content of a timeline into ranges of about the same length, none longer than one and a half chunks: parts
 * that are short share a range, and a long one is divided. One range when there is no cut that keeps to the grid.
 */
export function chooseRanges(
  { cuts, intro }: Pick<Timeline, 'cuts' | 'intro'>,
  size: ChunkSize,
): TickRange[] {
  const borders = bordersOf(cuts)
  const ranges: TickRange[] = []
  let open: TickRange | null = null
  const close = () => {
    if (open) ranges.push(open)
    open = null
  }
  for (const [index, length] of cuts.entries()) {
    const from = borders[index] ?? 0
    if (length > size.ticks * SLACK) {
      close()
      ranges.push(...divide({ from, to: from + length }, intro?.ticks ?? 0, size))
      continue
    }
    open = open ? { from: open.from, to: from + length } : { from, to: from + length }
    if (open.to - open.from >= size.ticks) close()
  }
  close()
  return ranges
}

/**
 * Divides a range at equal distances, as far as the grid and the key frames allow. `lead`: ticks that precede it in its
 * file.
 */
function divide({ from, to }: TickRange, lead: number, size: ChunkSize): TickRange[] {
  const count = Math.ceil((to - from) / size.ticks)
  const cuts = [from]
  for (let i = 1; i < count; i++) {
    const after = cuts.at(-1) ?? from
    const cut = chooseCut(from + ((to - from) * i) / count, { after, origin: from - lead, size })
    if (cut - after >= size.minTicks && to - cut >= size.minTicks) cuts.push(cut)
  }
  return cuts.map((cut, i) => ({ from: cut, to: cuts[i + 1] ?? to }))
}

/**
 * The last tick up to `wanted` that keeps to the grid from `origin` on; and moved back to a key frame, so that nothing is
 * decoded twice, unless the chunk `after` it would become too short.
 */
function chooseCut(
  wanted: number,
  { after, origin, size }: { after: number; origin: number; size: ChunkSize },
): number {
  const { ticks, minTicks, grid, keyTicks } = size
  const cut = origin + Math.floor((wanted - origin) / grid) * grid
  const keyTick = keyTicks.findLast((tick) => tick <= cut)
  if (keyTick === undefined) return cut
  const aligned = origin + Math.ceil((keyTick - origin) / grid) * grid
  return aligned <= cut && aligned - after >= Math.max(minTicks, ticks / 2) ? aligned : cut
}
