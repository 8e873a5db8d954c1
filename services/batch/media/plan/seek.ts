import type { MediaInfo } from '#shared/contract/media-info.ts'
import { isRestartable } from '../probe/times/measure-packets.ts'
import type { KeyFrame, TimeMap } from '../probe/times/time-map.ts'
import { plain, type StreamKind } from './filter-graph.ts'
import { FINE_TIME_BASE } from './filters/retiming.ts'
import type { SoughtSource } from './types.ts'

/**
 * How a source is opened so that its range starts at 0: where ffmpeg seeks, if anywhere, and what it adds to timestamps.
 * With `lead`, what is decoded before the range reaches the graph, at negative timestamps, and is cut there.
 */
export type Seek = {
  seekTo: number | null
  offset: number
  seconds: number | null
  lead: boolean
  /**
   * Whether the graph adds the offset: ffmpeg would take timestamps so far before 0 for ones that start anew, or would choose
   * another zero, depending on its version.
   */
  offsetInGraph?: true
  /** Where the graph counts from the first two frames, whatever their timestamps: for how long the first one stands, in seconds. */
  firstFrameSeconds?: number
  /** By how much decoders are late in showing the frames of a container that says only when they are decoded: seconds. */
  videoDelay?: number
  /** What makes up for a start of the container that ffmpeg does not subtract behind a seek: seconds, 0 or less. */
  correction?: number
}

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
  const seek = chooseSeek(source)
  const movesZero = seek.seekTo === null && isUsedFromLater(source) && seek.offset !== 0
  const offsetInGraph = movesZero || restartsFrom(source, seek.offset)
  return {
    ...seek,
    ...correctionOf(source, seek),
    ...(offsetInGraph && { offsetInGraph }),
    ...firstFrameOf(source),
    ...(videoDelayOf(source) > 0 && { videoDelay: videoDelayOf(source) }),
  }
}

const videoDelayOf = ({ info: { video } }: SoughtSource): number =>
  video?.reordered_frames && video.fps > 0 ? video.reordered_frames / video.fps : 0

/** Of raw MPEG video, timestamps of all frames are late by one, or only that of the first is early: depending on the version of ffmpeg. */
const firstFrameOf = ({ info: { container, video } }: SoughtSource): Pick<Seek, 'firstFrameSeconds'> =>
  container === RAW_MPEG && video?.fps ? { firstFrameSeconds: 1 / video.fps } : {}

/** ffmpeg that does not count the start of the container takes the place sought for 0, or the first frame if that is later. */
function correctionOf({ times }: SoughtSource, { seekTo }: Seek): { correction?: number } {
  if (!times?.uncountedStart || seekTo === null) return {}
  return { correction: Math.max(-times.uncountedStart, times.shift - seekTo) }
}

/** Raw video has no timestamps to seek to, or to move: they only come about when it is decoded. */
const isRawVideo = ({ container }: MediaInfo): boolean =>
  container === 'h264' || container === 'hevc' || container === RAW_MPEG

/** ffprobe's name for MPEG-1 and MPEG-2 video without a container. */
const RAW_MPEG = 'mpegvideo'

/** In WAV and the like, ffmpeg seeks to a byte by the bit rate that the header states. Of compressed audio that is not exact. */
const isCountedInBytes = ({ container, video, audio }: MediaInfo): boolean =>
  ['wav', 'w64', 'aiff'].includes(container) && !video && !audio?.codec.startsWith('pcm_')

/** Whether ffmpeg's zero is later than that of the container. With `-itsoffset`, only since version 6. */
const isUsedFromLater = ({ times }: SoughtSource): boolean => !!times?.startsAtUsed && times.shift > 0

/** ffmpeg's own longest gap: seconds. */
const LONGEST_GAP_S = 10

/** Whether ffmpeg would take the first timestamps of a source, moved by `offset` seconds, for a jump. */
const restartsFrom = ({ info, times }: SoughtSource, offset: number): boolean =>
  isRestartable(info.container) && offset < -0.5 * (times?.longestGap ?? LONGEST_GAP_S)

function chooseSeek(source: SoughtSource): Seek {
  const { info, range, times, keyFrame } = source
  const { start, seconds, whole } = range
  const shift = times?.shift ?? 0
  const unsoughtShift = isUsedFromLater(source) ? 0 : shift
  const entry = entryOf(source)
  if (entry === 0 && unsoughtShift === 0 && info.container !== RAW_MPEG) {
    return { seekTo: null, offset: 0, seconds: whole ? null : seconds + videoDelayOf(source), lead: false }
  }
  const isUnseekable = isRawVideo(info) || isCountedInBytes(info)
  if (isUnseekable) {
    const offset = -(start + unsoughtShift)
    return {
      seekTo: null,
      offset,
      seconds: null,
      lead: true,
      ...(isRawVideo(info) && { offsetInGraph: true }),
    }
  }
  if (times && !times.hasTimestamps && entry === start) {
    return { seekTo: start, offset: 0, seconds, lead: false }
  }
  if (times && (info.video || !times.continuous)) {
    const seeks = times.continuous && times.hasTimestamps
    const from = seeks ? inMicroseconds(decodingStart(times.keyFrames, entry)) : 0
    return from > 0
      ? { seekTo: from + shift, offset: from - start, seconds: null, lead: true }
      : { seekTo: null, offset: -(start + unsoughtShift), seconds: null, lead: true }
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

/** Longer than what streams without full key frames take to refresh the whole image: seconds. */
const REFRESH_S = 30

/**
 * A source whose trim starts at `start`, to be decoded from long before that. What demuxers flag as a key frame may be one from
 * which on the image is refreshed bit by bit: decoders give no frame before that is complete.
 */
export function decodedEarlier<T extends Pick<SoughtSource, 'keyFrame' | 'times'>>(
  source: T,
  start: number,
): T {
  const from = Math.max(0, start - REFRESH_S)
  const { times } = source
  const keyFrames = times?.keyFrames.filter(({ shownAt }, i) => i === 0 || shownAt <= from) ?? []
  return { ...source, keyFrame: from, times: times && { ...times, keyFrames } }
}

/** Options for a source whose timestamps start anew, so that ffmpeg continues them as they were measured. For the whole run. */
export const timestampOptions = (times: TimeMap | undefined): string[] =>
  times?.longestGap === undefined ? [] : ['-dts_delta_threshold', String(times.longestGap)]

/** Options that go before `-i`: the demuxer seeks there and reads no further than it must. */
export function seekOptions({
  seekTo,
  offset,
  seconds,
  lead,
  offsetInGraph,
  correction = 0,
}: Seek): string[] {
  const moved = correction + (offsetInGraph ? 0 : offset)
  return [
    ...(seekTo === null ? [] : ['-ss', plain(seekTo)]),
    ...(seekTo !== null && lead ? ['-noaccurate_seek'] : []),
    ...(moved === 0 ? [] : ['-itsoffset', plain(moved)]),
    ...(seconds === null ? [] : ['-t', String(seconds)]),
  ]
}

/** Filters that move the timestamps of a source, where its options do not. */
export function offsetFilters(
  { offset, offsetInGraph, firstFrameSeconds, videoDelay = 0 }: Seek,
  kind: StreamKind,
): string[] {
  const delay = kind === 'video' ? videoDelay : 0
  if (!offsetInGraph) return delay > 0 ? [`setpts=PTS-round(${plain(delay)}/TB)`] : []
  const by = `round(${plain(offset - delay)}/TB)`
  // Some containers count time in frames: too coarsely for an offset.
  if (kind === 'audio') return [`asetpts=PTS+${by}`]
  if (firstFrameSeconds === undefined) return [FINE_TIME_BASE, `setpts=PTS+${by}`]
  const second = `round(${plain(firstFrameSeconds)}/TB)`
  return [FINE_TIME_BASE, `setpts='if(eq(N,0),0,PTS-if(eq(N,1),st(0,PTS-${second}),ld(0)))+${by}'`]
}
