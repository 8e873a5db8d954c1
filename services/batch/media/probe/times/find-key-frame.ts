import type { MediaInput } from '../media-input.ts'
import type { ProbeResult } from '../probe.ts'
import { createFfprobe, type FfprobeSettings } from '../run-ffprobe.ts'

type Settings = FfprobeSettings & { deadlineMs: number }

/**
 * The times of the key frames that ffmpeg finds when it seeks to each of `moments`, ascending; in seconds from the source's
 * beginning, as the moments are. All are found in one run. Empty where the source has no video.
 */
export type FindKeyFrames = (
  input: MediaInput,
  probed: ProbeResult,
  moments: number[],
  signal: AbortSignal,
) => Promise<number[]>

/**
 * Finds where ffmpeg has to seek so that it decodes the frame that is on screen at `start`, in seconds from the
 * source's beginning; 0 for the beginning itself. Undefined when it can seek to `start` itself.
 */
export type FindKeyFrame = (
  input: MediaInput,
  probed: ProbeResult,
  start: number,
  signal: AbortSignal,
) => Promise<number | undefined>

/** A source whose key frames all hide behind each other is read from its beginning instead. */
const MAX_STEPS = 6
/** Seconds. */
const STEP_BACK_S = 0.5

/**
 * Demuxers look key frames up by the time at which they are decoded. The one behind a still scene is decoded while that
 * scene is still on screen: ffmpeg would land on it, and the frame that is on screen would be lost. So ffprobe seeks
 * first and prints one packet: the key frame that ffmpeg would start with. The render reads those bytes anyway.
 */
export function createKeyFrameFinder(settings: Settings): FindKeyFrame {
  const packetsAt = createPacketReader(settings)
  return async (input, { info, times, hasEvenFrames }, start, signal) => {
    if (!info.video || times || hasEvenFrames || start <= 0) return undefined
    const origin = info.start ?? 0
    let seekTo = start
    for (let step = 0; step < MAX_STEPS && seekTo > 0; step++) {
      const [packet] = await packetsAt(input, info.video.index, [seekTo + origin], signal)
      const { pts, dts } = packet ?? { pts: Number.NaN, dts: Number.NaN }
      const shownAt = pts - origin
      if (shownAt <= start) return seekTo === start ? undefined : seekTo
      const earlier = [seekTo, shownAt, dts - origin].filter(Number.isFinite)
      seekTo = Math.min(...earlier) - STEP_BACK_S
    }
    return 0
  }
}

/** Finds key frames where work can be divided. */
export function createKeyFramesFinder(settings: Settings): FindKeyFrames {
  const packetsAt = createPacketReader(settings)
  return async (input, { info, times }, moments, signal) => {
    if (!info.video || moments.length === 0) return []
    if (times) return times.keyFrames.map(({ shownAt }) => shownAt)
    const origin = info.start ?? 0
    const packets = await packetsAt(
      input,
      info.video.index,
      moments.map((moment) => moment + origin),
      signal,
    )
    const shownAt = packets.map(({ pts }) => pts - origin).filter(Number.isFinite)
    return shownAt.toSorted((a, b) => a - b)
  }
}

/** Reads the first packet of a stream at or behind each of some moments, in seconds on the container's own clock. */
function createPacketReader(settings: Settings) {
  const run = createFfprobe(settings)
  return async (input: MediaInput, index: number, moments: number[], signal: AbortSignal) => {
    const intervals = moments.map((seconds) => `${seconds.toFixed(6)}%+#1`).join()
    const { stdout } = await run(
      input,
      [
        ...['-v', 'error', '-select_streams', String(index), '-read_intervals', intervals],
        ...['-show_entries', 'packet=pts_time,dts_time', '-print_format', 'compact=p=0:nk=1'],
      ],
      { deadlineMs: settings.deadlineMs, signal },
    )
    const lines = stdout.split('\n').filter((line) => line !== '')
    return lines.map((line) => {
      const [pts = Number.NaN, dts = Number.NaN] = line.split('|').map(Number.parseFloat)
      return { pts, dts }
    })
  }
}
