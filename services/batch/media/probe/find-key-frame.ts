import type { MediaInput } from './media-input.ts'
import type { ProbeResult } from './probe.ts'
import { createFfprobe, type FfprobeSettings } from './run-ffprobe.ts'

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
export function createKeyFrameFinder(settings: FfprobeSettings & { deadlineMs: number }): FindKeyFrame {
  const run = createFfprobe(settings)
  const { deadlineMs } = settings

  async function packetAt(input: MediaInput, index: number, seconds: number, signal: AbortSignal) {
    const { stdout } = await run(
      input,
      [
        ...['-v', 'error', '-select_streams', String(index), '-read_intervals', `${seconds.toFixed(6)}%+#1`],
        ...['-show_entries', 'packet=pts_time,dts_time', '-print_format', 'compact=p=0:nk=1'],
      ],
      { deadlineMs, signal },
    )
    const [pts, dts] = (stdout.split('\n')[0] ?? '').split('|').map(Number.parseFloat)
    return { pts: pts ?? Number.NaN, dts: dts ?? Number.NaN }
  }

  return async (input, { info, times, hasEvenFrames }, start, signal) => {
    if (!info.video || times || hasEvenFrames || start <= 0) return undefined
    const origin = info.start ?? 0
    let seekTo = start
    for (let step = 0; step < MAX_STEPS && seekTo > 0; step++) {
      const { pts, dts } = await packetAt(input, info.video.index, seekTo + origin, signal)
      const shownAt = pts - origin
      if (shownAt <= start) return seekTo === start ? undefined : seekTo
      const earlier = [seekTo, shownAt, dts - origin].filter(Number.isFinite)
      seekTo = Math.min(...earlier) - STEP_BACK_S
    }
    return 0
  }
}
