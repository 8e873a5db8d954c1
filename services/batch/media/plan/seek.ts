import type { KeyFrame } from '../probe/times/time-map.ts'
import { plain } from './filter-graph.ts'
import type { SoughtSource } from './types.ts'

/**
 * How a source is opened so that its range starts at 0: where ffmpeg seeks, if anywhere, and what it adds to timestamps.
 * With `lead`, what is decoded before the range reaches the graph, at negative timestamps, and is cut there.
 */
export type Seek = { seekTo: number | null; offset: number; seconds: number | null; lead: boolean }

/** Before a key frame known from its packets: demuxers without an index land somewhat early or late. Seconds. */
const KEY_FRAME_MARGIN_S = 1

/**
 * Decides where reading a source begins.
 *
 * ffmpeg's accurate seek drops every frame before the start of the range, also the one that is on screen there: for
 * uneven frame rates it may have stood for minutes. So with video, ffmpeg starts at the key frame before, and the
 * graph's `fps` filter picks the frame that is on screen at 0. Nothing more is read or decoded that way.
 *
 * Where packets were measured, the container has no index to be trusted: ffmpeg would land between key frames. There it
 * seeks to before a key frame known to exist; and not at all where timestamps start anew.
 */
export function seekOf(source: SoughtSource): Seek {
  const { info, range, times, keyFrame } = source
  const { start, seconds, whole } = range
  const shift = times?.shift ?? 0
  const entry = entryOf(source)
  if (entry === 0 && shift === 0) {
    return { seekTo: null, offset: 0, seconds: whole ? null : seconds, lead: false }
  }
  if (times && !times.hasTimestamps && entry === start) {
    return { seekTo: start, offset: 0, seconds, lead: false }
  }
  if (times && (info.video || !times.continuous)) {
    const seeks = times.continuous && times.hasTimestamps
    const from = seeks ? inMicroseconds(decodingStart(times.keyFrames, entry)) : 0
    return from > 0
      ? { seekTo: from + shift, offset: from - start, seconds: null, lead: true }
      : { seekTo: null, offset: -(start + shift), seconds: null, lead: true }
  }
  if (!info.video) return { seekTo: start + shift, offset: 0, seconds: whole ? null : seconds, lead: false }
  const seekTo = inMicroseconds(keyFrame ?? entry)
  return { seekTo: seekTo > 0 ? seekTo : null, offset: seekTo - start, seconds: null, lead: true }
}

/** Where the first wanted frame of a source is on screen, in seconds from the source's beginning. */
export const entryOf = ({ range, skip }: Pick<SoughtSource, 'range' | 'skip'>): number =>
  range.start + (skip?.seconds ?? 0)

/**
 * Seconds as ffmpeg's options keep them. Rounded before anything is subtracted: wherever reading begins, a frame must get
 * the same timestamp, or the frame rate filter may choose another one.
 */
const inMicroseconds = (seconds: number): number => Math.round(seconds * 1e6) / 1e6

/** Somewhat before the last key frame that is shown by `start`; 0 or less when that is the beginning. */
const decodingStart = (keyFrames: KeyFrame[], start: number): number =>
  (keyFrames.findLast(({ shownAt }) => shownAt <= start)?.decodedAt ?? 0) - KEY_FRAME_MARGIN_S

/** Options that go before `-i`: the demuxer seeks there and reads no further than it must. */
export const seekOptions = ({ seekTo, offset, seconds, lead }: Seek): string[] => [
  ...(seekTo === null ? [] : ['-ss', plain(seekTo)]),
  ...(seekTo !== null && lead ? ['-noaccurate_seek'] : []),
  ...(offset === 0 ? [] : ['-itsoffset', plain(offset)]),
  ...(seconds === null ? [] : ['-t', String(seconds)]),
]
