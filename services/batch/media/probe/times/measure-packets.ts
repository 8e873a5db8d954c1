import type { MediaInfo } from '#shared/contract/media-info.ts'
import { unreadableSource, unreadJoinedFile } from '../unreadable-source.ts'
import { playedAt, type RateRun } from './adts-rates.ts'
import { createFrameTimes, type FrameTimes } from './frame-times.ts'
import {
  FRAME_ENTRIES,
  type ParameterChange,
  type ParameterTracker,
  trackParameters,
} from './parameter-changes.ts'
import { trackReach } from './reach.ts'
import type { KeyFrame, StreamTimes, TimeGap, TimeMap } from './time-map.ts'
import { timeWarnings } from './time-warnings.ts'

const ENTRIES = 'packet=stream_index,pts_time,dts_time,duration_time,size,pos,flags:format=nb_streams'
const COMPACT = ['-print_format', 'compact=p=0:nk=1']

/**
 * What ffprobe is to print about each packet: lines of `stream_index|pts_time|dts_time|duration_time|size|pos|flags`; and, as the last
 * line, how many streams it found in the end. Where files are joined byte by byte, it also decodes all audio, and the key frames of the video: only that shows changes of their
 * parameters. An hour of 1080p takes 8 s of CPU for the audio, and up to 36 s for the video.
 */
export const measureOptions = (source: Pick<ClaimedTimes, 'container'>): string[] =>
  mayBeJoined(source)
    ? ['-skip_frame:v', 'nokey', '-show_entries', `${ENTRIES}:${FRAME_ENTRIES}`, ...COMPACT]
    : ['-show_entries', ENTRIES, ...COMPACT]

/** The streams that are used, and what the container says about its time: seconds. */
export type ClaimedTimes = Pick<MediaInfo, 'container' | 'bytes' | 'streams'> & {
  video: { index: number } | null
  audio: { index: number } | null
  /** Undefined for raw streams. */
  start: number | undefined
  /** Undefined when the container states none; estimates do not count. */
  duration: number | undefined
}

/** Measures packets as ffprobe prints them. `add` takes its output in chunks of any size. */
export type PacketMeasurement = {
  add(printed: string): void
  /**
   * `rates`: of raw AAC, by its headers.
   * @throws CutroomError `media.unreadable` when nothing has a duration, or much of the file was not read.
   */
  finish(rates?: RateRun[]): TimeMap
}

type Packet = { pts: number; dts: number; seconds: number; isKey: boolean }

/** ffmpeg closes a gap that is longer than this, in the containers whose timestamps may start anew: seconds. */
const LONGEST_GAP_S = 10
/**
 * And than this, when it is set so. Where files are joined, the last packets of one stream may come behind the first new ones of
 * another, and belong to the time before: without that, they would be as much too late as the first file is long.
 */
const LONGEST_GAP_AT_SEAMS_S = 1
/** And it takes timestamps that fall back by more than this for new ones: seconds. */
const MAX_STEP_BACK_S = 0.1
/** In other containers ffmpeg would drop everything between: seconds. */
const MAX_STEP_BACK_ELSEWHERE_S = 1
/** Containers of broadcasting, which are cut and joined byte by byte. */
const RESTARTABLE_CONTAINERS = ['mpegts', 'mpeg', 'ogg']

/** Whether timestamps may start anew in files of a container, as ffmpeg sees it. */
export const isRestartable = (container: string): boolean => isOneOf(RESTARTABLE_CONTAINERS, { container })

/** And raw streams of audio. */
const JOINABLE_CONTAINERS = [...RESTARTABLE_CONTAINERS, 'aac', 'loas', 'mp3', 'ac3', 'eac3', 'dts', 'truehd']

const isOneOf = (containers: string[], { container }: Pick<ClaimedTimes, 'container'>) =>
  container.split(',').some((name) => containers.includes(name))

const mayBeJoined = (source: Pick<ClaimedTimes, 'container'>) => isOneOf(JOINABLE_CONTAINERS, source)

/**
 * Starts to measure the used streams of a source. Timestamps that start anew or jump are continued the way that ffmpeg
 * does when it reads the source from its beginning, so that the map has the times of the decoded frames.
 * @throws CutroomError `media.unreadable`, from `add`, where timestamps fall back in a container that does not allow it, as where
 * FLAC files were joined.
 */
export function measurePackets(claimed: ClaimedTimes): PacketMeasurement {
  const restartable = isRestartable(claimed.container)
  const usual = createTimeline(claimed, restartable ? LONGEST_GAP_S : undefined)
  const tight = restartable ? createTimeline(claimed, LONGEST_GAP_AT_SEAMS_S) : undefined
  const timelines = tight ? [usual, tight] : [usual]
  const reach = trackReach(claimed)
  let rest = ''

  const addLine = (line: string) => {
    if (line.startsWith('audio|') || line.startsWith('video|')) {
      const frame = line.split('|')
      for (const timeline of timelines) timeline.addFrame(frame)
      return
    }
    const [index, pts, dts, seconds, size, position, flags] = line.split('|')
    if (index === '') return
    if (!pts) return reach.setStreams(Number(index))
    reach.addPacket(Number(index), Number(position), Number(size))
    const packet = {
      pts: toSeconds(pts),
      dts: toSeconds(dts),
      seconds: toSeconds(seconds) || 0,
      isKey: flags?.startsWith('K') ?? false,
    }
    for (const timeline of timelines) timeline.addPacket(Number(index), packet)
  }

  return {
    add(printed) {
      const lines = (rest + printed).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) addLine(line)
    },
    finish(rates = []) {
      addLine(rest)
      const map = usual.finish(rates)
      reach.requireWhole(map.end)
      if (!tight || map.continuous) return map
      const shorter = tight.finish()
      return map.end - shorter.end > LONGEST_GAP_AT_SEAMS_S
        ? { ...shorter, longestGap: LONGEST_GAP_AT_SEAMS_S }
        : map
    },
  }
}

/** The packets of the used streams on one clock. Jumps are those of more than `longestGap` seconds; undefined where there are none. */
function createTimeline(claimed: ClaimedTimes, longestGap: number | undefined) {
  const streams = new Map(
    [claimed.video, claimed.audio].flatMap((stream) => (stream ? [[stream.index, newStream()]] : [])),
  )
  const jumps: number[] = []
  const parameters = trackParameters()
  let offset = 0

  const unroll = (stream: MeasuredStream, dts: number) => {
    const step = dts + offset - stream.nextDts
    const back = stream.lastDts - (dts + offset)
    if (longestGap === undefined) {
      // ffmpeg loses some frames at the header of a second FLAC file.
      if (back > MAX_STEP_BACK_S && isOneOf(['flac'], claimed)) throw unreadJoinedFile(stream.nextDts)
      if (back > MAX_STEP_BACK_ELSEWHERE_S) throw timestampsFallBack(stream.lastDts)
      return
    }
    if (Math.abs(step) <= longestGap && back <= MAX_STEP_BACK_S) return
    offset -= step
    jumps.push(stream.nextDts)
  }

  return {
    addFrame([kind, index, pts, first, second, third]: string[]) {
      const at = toSeconds(pts) + offset
      if (Number(index) !== claimed[kind === 'video' ? 'video' : 'audio']?.index) return
      if (kind === 'video') parameters.addVideo(at, Number(first), Number(second), third || undefined)
      else parameters.addAudio(at, Number(first), Number(second))
    },
    addPacket(index: number, packet: Packet) {
      const stream = streams.get(index)
      if (!stream) return
      if (Number.isFinite(packet.dts) && Number.isFinite(stream.nextDts)) unroll(stream, packet.dts)
      addPacket(stream, packet, offset)
    },
    finish(rates: RateRun[] = []) {
      const of = (stream: { index: number } | null) => (stream && streams.get(stream.index)) || null
      return toTimeMap(
        claimed,
        { video: of(claimed.video), audio: of(claimed.audio) },
        jumps,
        parameters,
        rates,
      )
    },
  }
}

const toSeconds = (printed = '') => Number.parseFloat(printed)

const timestampsFallBack = (at: number) =>
  unreadableSource(`its timestamps start anew after ${at.toFixed(1)} s, which this container does not allow`)

/** What is known of a stream so far: times on the container's clock, continued over jumps. */
type MeasuredStream = {
  start: number
  end: number
  /** What the durations of all packets add up to. */
  sum: number
  packets: number
  lastDts: number
  nextDts: number
  keyFrames: KeyFrame[]
  frames: FrameTimes
  gaps: TimeGap[]
}

const newStream = (): MeasuredStream => ({
  start: Number.POSITIVE_INFINITY,
  end: Number.NEGATIVE_INFINITY,
  sum: 0,
  packets: 0,
  lastDts: Number.NaN,
  nextDts: Number.NaN,
  keyFrames: [],
  frames: createFrameTimes(),
  gaps: [],
})

/** Intra-only video would fill the map with key frames that no seek needs: seconds. */
const KEY_FRAME_DISTANCE_S = 0.5
/** Shorter stretches without packets are lost packets: seconds. */
const SHORTEST_GAP_S = 0.3
/** Streams with more gaps have other problems. */
const MAX_GAPS = 1000

function addPacket(stream: MeasuredStream, { pts, dts, seconds, isKey }: Packet, offset: number) {
  stream.packets += 1
  stream.sum += seconds
  if (Number.isFinite(dts)) {
    stream.lastDts = dts + offset
    stream.nextDts = dts + offset + seconds
  }
  const shownAt = (Number.isFinite(pts) ? pts : dts) + offset
  if (!Number.isFinite(shownAt)) return
  if (shownAt - stream.end > SHORTEST_GAP_S && stream.gaps.length < MAX_GAPS) {
    stream.gaps.push({ from: stream.end, to: shownAt })
  }
  stream.start = Math.min(stream.start, shownAt)
  stream.end = Math.max(stream.end, shownAt + seconds)
  stream.frames.add(shownAt)
  const decodedAt = Number.isFinite(dts) ? Math.min(shownAt, dts + offset) : shownAt
  const previous = stream.keyFrames.at(-1)?.shownAt ?? Number.NEGATIVE_INFINITY
  if (isKey && shownAt - previous >= KEY_FRAME_DISTANCE_S) stream.keyFrames.push({ shownAt, decodedAt })
}

/** Streams whose first timestamps differ less than this from the container's start begin with it: seconds. */
const START_TOLERANCE_S = 0.5
/** And where ffmpeg begins with the earliest stream that is used: less than this is an encoder's delay. Seconds. */
const USED_START_TOLERANCE_S = 0.02

function toTimeMap(
  { container, start: claimedStart = 0, duration: claimedDuration }: ClaimedTimes,
  { video, audio }: { video: MeasuredStream | null; audio: MeasuredStream | null },
  jumps: number[],
  parameters: Pick<ParameterTracker, 'changes' | 'shapes'>,
  rates: RateRun[],
): TimeMap {
  const streams = [video, audio].filter((stream) => stream !== null)
  const timed = streams.filter(({ start, end }) => end > start)
  const earliest = Math.min(...timed.map(({ start }) => start))
  // ffmpeg does so where timestamps may start anew, once it knows which streams its outputs use.
  const startsAtUsed = isRestartable(container)
  const delay = earliest - claimedStart
  const isLate =
    timed.length > 0 &&
    (Math.abs(delay) >= START_TOLERANCE_S || (startsAtUsed && delay >= USED_START_TOLERANCE_S))
  const origin = isLate ? earliest : claimedStart
  // The header of FLAC counts the samples of the whole file: what was cut off is missing, and no end.
  const leastEnd = isOneOf(['flac'], { container }) ? (claimedDuration ?? 0) : 0
  const timesOf = (stream: MeasuredStream | null): StreamTimes | null => {
    if (!stream || stream.packets === 0) return null
    const { start, end, sum, packets } = stream
    return end > start
      ? { start: microseconds(start - origin), end: microseconds(Math.max(end - origin, leastEnd)), packets }
      : { start: 0, end: microseconds(sum), packets }
  }
  const found = { video: timesOf(video), audio: timesOf(audio) }
  const joined = withRates(found, changesFrom(origin, parameters.changes), rates)
  const end = Math.max(joined.video?.end ?? 0, joined.audio?.end ?? 0)
  if (!(end > 0)) throw unreadableSource('its duration is zero')
  const gaps = (audio?.gaps ?? []).filter(({ from }) => Number.isFinite(from))
  const { changes, ...times } = joined
  return {
    ...times,
    end,
    origin,
    shift: isLate ? origin - claimedStart : 0,
    ...(startsAtUsed && { startsAtUsed }),
    keyFrames: (video?.keyFrames ?? []).map(({ shownAt, decodedAt }) => ({
      shownAt: shownAt - origin,
      decodedAt: decodedAt - origin,
    })),
    peakRate: video?.frames.peakRate(),
    hasTimestamps: timed.length > 0 && container !== 'mpegvideo',
    continuous: jumps.length === 0,
    ...(gaps.length > 0 && {
      audioGaps: gaps.map(({ from, to }) => ({ from: from - origin, to: to - origin })),
    }),
    changes,
    ...(parameters.shapes.length > 1 && {
      shapes: parameters.shapes.map((shape) => ({ ...shape, from: microseconds(shape.from - origin) })),
    }),
    warnings: timeWarnings(
      end,
      claimedDuration === undefined ? [] : [claimedDuration, claimedDuration - claimedStart],
      jumps.map((at) => at - origin),
      changes,
    ),
  }
}

const changesFrom = (origin: number, changes: ParameterChange[]): ParameterChange[] =>
  changes.map((change) => ({ ...change, at: microseconds(change.at - origin) }))

/** The times and changes of raw AAC, whose packets are timed as if all had the sample rate of the first. */
function withRates<T extends { audio: StreamTimes | null }>(
  times: T,
  changes: ParameterChange[],
  rates: RateRun[],
): T & { changes: ParameterChange[] } {
  if (!times.audio || rates.length < 2) return { ...times, changes }
  const ends = rates.map((_, i) => rates.slice(0, i + 1).reduce((sum, { seconds }) => sum + seconds, 0))
  const rateChanges = rates.slice(1).map(
    ({ rate }, i): ParameterChange => ({
      ...{ kind: 'audio', at: microseconds(ends[i] ?? 0) },
      ...{ from: `${rates[i]?.rate} Hz`, to: `${rate} Hz` },
    }),
  )
  const others = changes
    .filter(({ to }) => !to.endsWith(' Hz'))
    .map((change) => ({ ...change, at: microseconds(playedAt(rates, change.at)) }))
  return {
    ...times,
    audio: { ...times.audio, end: microseconds(ends.at(-1) ?? 0) },
    changes: [...others, ...rateChanges].toSorted((a, b) => a.at - b.at),
  }
}

/** Timestamps are decimal; what floating point adds to their differences is not. */
const microseconds = (seconds: number) => Math.round(seconds * 1e6) / 1e6
