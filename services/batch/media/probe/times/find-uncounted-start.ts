import { guardSource, type MediaInput } from '../media-input.ts'
import type { ProbeResult } from '../probe.ts'
import { createSourceReader, type FfmpegReaderSettings } from '../run-ffprobe.ts'

/**
 * Finds `uncountedStart` of a source's TimeMap: how much ffmpeg forgets to subtract from timestamps when it has sought; undefined
 * when nothing.
 */
export type FindUncountedStart = (
  input: MediaInput,
  probed: ProbeResult,
  signal: AbortSignal,
) => Promise<number | undefined>

/** How far into a source it is sought: seconds. */
const SOUGHT_S = 1
/** More than rounding explains, and less than can be noticed: seconds. */
const TOLERANCE_S = 0.001

/**
 * Where a stream that is not used begins before all others, versions of ffmpeg differ in what they take for 0 behind a seek: 5.1, 6
 * and 9.0 the place sought, and 7.1 that place as if the file began at 0. So it is measured with this ffmpeg, on the very source: the
 * first packet behind a seek, with its own timestamp and with the one that ffmpeg gives it.
 */
export function createUncountedStartFinder({
  ffmpeg,
  limits,
  deadlineMs,
  ...settings
}: FfmpegReaderSettings): FindUncountedStart {
  const read = createSourceReader(ffmpeg, settings)
  return async (input, { info, times }, signal) => {
    if (!times?.startsAtUsed || times.shift <= 0) return undefined
    const index = (info.video ?? info.audio)?.index
    const start = times.origin - times.shift
    const seekTo = times.shift + Math.min(SOUGHT_S, times.end / 2)
    const firstTimestamp = async (...options: string[]): Promise<number> => {
      const args = [
        ...['-hide_banner', '-nostdin', '-v', 'error', ...options],
        ...[...guardSource(input, limits, info.container), '-ss', seekTo.toFixed(6), '-noaccurate_seek'],
        ...['-i', input.url, '-map', `0:${index}`, '-c', 'copy', '-copyinkf', '-frames', '1'],
        ...['-f', 'framecrc', 'pipe:1'],
      ]
      const { stdout } = await read(input, args, { deadlineMs, signal })
      return parseTimestamp(stdout)
    }
    const [own, given] = await Promise.all([firstTimestamp('-copyts'), firstTimestamp()])
    return start + seekTo - (own - given) > TOLERANCE_S ? start : undefined
  }
}

/** The decoding time of the first packet that the muxer `framecrc` lists, in seconds; NaN when there is none. */
function parseTimestamp(printed: string): number {
  const [, numerator, denominator] = /^#tb 0: (\d+)\/(\d+)$/m.exec(printed) ?? []
  const [, ticks] = /^0, *(-?\d+),/m.exec(printed) ?? []
  return (Number(ticks) * Number(numerator)) / Number(denominator)
}
