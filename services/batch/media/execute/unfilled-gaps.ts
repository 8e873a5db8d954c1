import type { FrameReports } from '../ffmpeg/frame-reports.ts'
import type { ReportedStream } from '../plan/types.ts'
import type { TimeMap } from '../probe/times/time-map.ts'

/**
 * A stretch of a clip for which no frame of a stream reached the filter graph, so that the result shows a still frame or silence
 * there. In seconds from the source's beginning. `held`: frames from before the clip were decoded, so that the last of them stands at
 * its start.
 */
export type Gap = {
  stream: ReportedStream
  at: 'start' | 'middle' | 'end'
  from: number
  to: number
  held?: true
}

/** A packet of the source: when it is shown, and whether decoding can start with it. */
export type SourcePacket = { shownAt: number; isKey: boolean }

/** Shorter gaps are those between the first frames of two streams, or what encoders add: seconds. */
const START_TOLERANCE_S = { video: 0.06, audio: 0.25 }
const END_TOLERANCE_S = { video: 0.15, audio: 0.3 }
/** Before the end of a clip, only one frame a second is reported. */
const REPORTED_EVERY_S = 1
const REPORTED_END_S = 0.5
/** Of the last frame that was reported, the next one is this far away: seconds. */
const NEXT_FRAME_S = 0.01

/** The gaps of the streams whose frames a run reported. Most of them have their reason in the source. */
export const findGaps = (streams: ReportedStream[], reports: FrameReports): Gap[] =>
  streams.flatMap((stream) => {
    const { start, seconds } = stream.range
    const times = (reports.get(stream.id) ?? []).map((time) => time - stream.offset)
    const { first, last } = extent(times, seconds)
    const gaps: Gap[] = []
    if (first > START_TOLERANCE_S[stream.kind]) {
      gaps.push({ stream, at: 'start', from: start, to: start + Math.min(first, seconds) })
    }
    const held = heldAtStart(times, stream)
    if (held) {
      gaps.push({ stream, at: 'start', from: start + held.from, to: start + held.to, held: true })
    }
    if (last < seconds - endTolerance(stream)) {
      const end = seconds - REPORTED_END_S
      const next = Math.max(0, last >= end ? last + NEXT_FRAME_S : Math.min(last + REPORTED_EVERY_S, end))
      gaps.push({ stream, at: 'end', from: start + next, to: start + seconds })
    }
    return gaps
  })

/** The gaps between reported frames, within the clips of the streams. */
export const findMiddleGaps = (streams: ReportedStream[], reports: FrameReports): Gap[] =>
  streams.flatMap((stream) => {
    const { start, seconds } = stream.range
    const times = (reports.get(stream.id) ?? []).map((time) => time - stream.offset)
    const shown = times.filter((time) => time >= 0 && time < seconds)
    return shown.flatMap((time, i): Gap[] => {
      const [from, to] = [time + REPORTED_EVERY_S, shown[i + 1] ?? 0]
      return to - from > endTolerance(stream)
        ? [{ stream, at: 'middle', from: start + from, to: start + to }]
        : []
    })
  })

/** The first frame that was reported, and the last one that belongs to a clip of so many seconds: seconds of the clip. */
function extent(times: number[], seconds: number): { first: number; last: number } {
  if (times.length === 0) return { first: seconds, last: 0 }
  const shown = times.filter((time) => time < seconds)
  const last = (shown.length > 0 ? shown : times).reduce((latest, time) => Math.max(latest, time))
  return { first: times[0] as number, last }
}

/** For how long no frame of a clip came although frames from before it did; in seconds of the clip. */
function heldAtStart(times: number[], stream: ReportedStream): { from: number; to: number } | undefined {
  const before = times.findLast((time) => time < 0)
  if (before === undefined) return undefined
  const from = Math.max(0, before + REPORTED_EVERY_S)
  const to = Math.min(times.find((time) => time >= 0) ?? stream.range.seconds, stream.range.seconds)
  return to - from > endTolerance(stream) ? { from, to } : undefined
}

/** Samples. Demuxers cut uncompressed audio into frames of so many bytes, which last half a second for telephones. */
const LONGEST_FRAME = 4096

const endTolerance = ({ kind, fps, sampleRate }: ReportedStream): number =>
  kind === 'video'
    ? Math.max(END_TOLERANCE_S.video, fps ? 2 / fps : 0)
    : Math.max(END_TOLERANCE_S.audio, sampleRate ? LONGEST_FRAME / sampleRate + 0.05 : 0)

/**
 * Whether the source should have filled a gap, by its measured times; undefined when they do not tell. Video between its
 * first key frame and its end may still stand still.
 */
export function shouldFill({ stream, at, from, to, held }: Gap): boolean | undefined {
  const { times, kind } = stream
  if (!times) return undefined
  const measured = times[kind]
  if (!measured) return false
  if (kind === 'audio') {
    const tolerance = at === 'start' ? START_TOLERANCE_S.audio : END_TOLERANCE_S.audio
    return audibleSeconds(times, Math.max(from, measured.start), Math.min(to, measured.end)) > tolerance
  }
  if (at === 'start' && !held) {
    const firstKey = times.keyFrames[0]?.shownAt ?? 0
    return to - Math.max(from, measured.start, firstKey) > START_TOLERANCE_S.video
  }
  if (Math.min(to, measured.end) - from <= END_TOLERANCE_S.video) return false
  return times.continuous && times.hasTimestamps ? undefined : false
}

/** For how long there is audio within a range. */
function audibleSeconds({ audioGaps = [] }: TimeMap, from: number, to: number): number {
  const silent = audioGaps.map((gap) => Math.max(0, Math.min(to, gap.to) - Math.max(from, gap.from)))
  return to - from - silent.reduce((sum, seconds) => sum + seconds, 0)
}

/** Whether packets of the source should have filled a gap. They begin somewhat before it. */
export function packetsFill({ stream: { kind }, at, from, to, held }: Gap, packets: SourcePacket[]): boolean {
  if (at === 'start' && !held) {
    // What comes before the first key frame cannot be decoded; what comes before the gap is still on screen in it.
    const begins = Math.min(...packets.filter(({ isKey }) => isKey).map(({ shownAt }) => shownAt))
    const visible = kind === 'video' ? begins : Math.max(begins, firstFrom(packets, from))
    return to - Math.max(from, visible) > START_TOLERANCE_S[kind]
  }
  return to - firstFrom(packets, from) > END_TOLERANCE_S[kind]
}

const firstFrom = (packets: SourcePacket[], from: number): number =>
  Math.min(...packets.map(({ shownAt }) => shownAt).filter((shownAt) => shownAt >= from))
