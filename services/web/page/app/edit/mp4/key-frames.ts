import { type Box, inside, rowsOf, timescaleOf, tracksOf } from './boxes.ts'

/**
 * When the key frames of the video in an index are shown, in seconds, ascending. Undefined when the index does not list them: without
 * a video track, in a fragmented file, or where every frame is one.
 */
export function keyFramesOf(index: DataView): number[] | undefined {
  const [track] = tracksOf(index, 'vide')
  const scale = track && timescaleOf(index, track)
  const table = track && inside(index, track, 'mdia', 'minf', 'stbl')
  const sync = inside(index, table, 'stss')
  if (!track || !scale || !table || !sync) return undefined
  const times = presentedAt(index, table)
  const wanted = new Set<number>()
  for (const [sample = 0] of rowsOf(index, sync, 1)) wanted.add(sample - 1)
  if (wanted.size === 0) return undefined
  const keyTimes: number[] = []
  // Frames are stored in the order in which they are decoded: the first of those shown may be behind others.
  let earliest = Number.POSITIVE_INFINITY
  let sample = 0
  for (const ticks of times) {
    if (sample < REORDERED_FRAMES) earliest = Math.min(earliest, ticks)
    if (wanted.has(sample)) keyTimes.push(ticks)
    sample += 1
  }
  const zero = editStart(index, track) ?? earliest
  return keyTimes
    .map((ticks) => (ticks - zero) / scale)
    .filter((seconds) => seconds >= 0)
    .toSorted((a, b) => a - b)
}

/** More than any encoder puts out of order. */
const REORDERED_FRAMES = 64

/** The time of each sample in ticks: when it is decoded, from `stts`, and how much later it is shown, from `ctts`. */
function* presentedAt(index: DataView, table: Box): Generator<number> {
  const offsets = repeated(rowsOf(index, inside(index, table, 'ctts'), 2))
  let decoded = 0
  for (const duration of repeated(rowsOf(index, inside(index, table, 'stts'), 2))) {
    // Version 1 has signed offsets; those of version 0 are small enough to read alike.
    yield decoded + ((offsets.next().value ?? 0) | 0)
    decoded += duration
  }
}

/** The values of run lengths: (3, 512) stands for 512 three times. */
function* repeated(runs: Iterable<readonly number[]>): Generator<number, undefined> {
  let samples = 0
  for (const [count = 0, value = 0] of runs) {
    for (let i = 0; i < count && samples < MAX_SAMPLES; i++, samples++) yield value
  }
  return undefined
}

/** Four days at 30 frames per second: a count that a damaged file claims must not keep the page busy. */
const MAX_SAMPLES = 10_000_000

/** Where playback begins on the clock of the track, from its edit list; undefined without one. */
function editStart(index: DataView, track: Box): number | undefined {
  const list = inside(index, track, 'edts', 'elst')
  if (!list || index.getUint8(list.start) !== 0) return undefined
  for (const [, time = 0] of rowsOf(index, list, 3)) {
    // An empty edit, a pause before the first frame, has the time -1.
    if (time !== 0xffff_ffff) return time
  }
  return undefined
}
