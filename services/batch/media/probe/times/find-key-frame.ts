import type { MediaInput } from '../media-input.ts'
import type { ProbeResult } from '../probe.ts'
import { createPacketReader, type PacketReaderSettings } from './read-packets.ts'

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
export function createKeyFrameFinder(settings: PacketReaderSettings): FindKeyFrame {
  const readPackets = createPacketReader(settings)
  return async (input, { info, times, hasEvenFrames }, start, signal) => {
    if (!info.video || times || hasEvenFrames || start <= 0) return undefined
    const origin = info.start ?? 0
    let seekTo = start
    for (let step = 0; step < MAX_STEPS && seekTo > 0; step++) {
      const [packet] = await readPackets(input, info.video.index, [firstFrom(seekTo + origin)], signal)
      const { shownAt: time, dts } = packet ?? { shownAt: Number.NaN, dts: Number.NaN }
      const shownAt = time - origin
      if (shownAt <= start) return seekTo === start ? undefined : seekTo
      const earlier = [seekTo, shownAt, dts - origin].filter(Number.isFinite)
      seekTo = Math.min(...earlier) - STEP_BACK_S
    }
    return 0
  }
}

/** Finds key frames where work can be divided. */
export function createKeyFramesFinder(settings: PacketReaderSettings): FindKeyFrames {
  const readPackets = createPacketReader(settings)
  return async (input, { info, times }, moments, signal) => {
    if (!info.video || moments.length === 0) return []
    if (times) return times.keyFrames.map(({ shownAt }) => shownAt)
    const origin = info.start ?? 0
    const intervals = moments.map((moment) => firstFrom(moment + origin))
    const packets = await readPackets(input, info.video.index, intervals, signal)
    const found = packets.map(({ shownAt }) => shownAt - origin).filter(Number.isFinite)
    return found.toSorted((a, b) => a - b)
  }
}

/** The interval of the first packet at or behind a moment on the container's own clock. */
const firstFrom = (seconds: number): string => `${seconds.toFixed(6)}%+#1`
