import { guardSource, type MediaInput } from './media-input.ts'
import type { ProbeResult } from './probe.ts'
import { createSourceReader, type FfmpegReaderSettings } from './run-ffprobe.ts'

/** Finds `x264_build` of a source's video; undefined where it is unknown, or decoding does not depend on it. */
export type FindX264Build = (
  input: MediaInput,
  probed: ProbeResult,
  signal: AbortSignal,
) => Promise<number | undefined>

/** What x264 wrote in this profile before differs from the standard, see `x264_build` in FFmpeg's H.264 decoder. */
const FIRST_CORRECT_BUILD = 151

/**
 * Only who knows that an old x264 made a lossless video, or one with 4:4:4 chroma, decodes it right. x264 names its build in the first
 * frame alone: behind a seek, ffmpeg does not know it, and shows blocks of colour in place of its frames.
 */
export function createX264BuildFinder({
  ffmpeg,
  limits,
  deadlineMs,
  ...settings
}: FfmpegReaderSettings): FindX264Build {
  const read = createSourceReader(ffmpeg, settings)
  return async (input, { info: { container, video } }, signal) => {
    if (video?.profile !== HIGH_444) return undefined
    const args = [
      ...[
        '-hide_banner',
        '-nostdin',
        '-v',
        'error',
        ...guardSource(input, limits, container),
        '-i',
        input.url,
      ],
      ...['-map', `0:${video.index}`, '-c', 'copy', '-frames', '1', '-bsf', `filter_units=pass_types=${SEI}`],
      ...['-f', 'data', 'pipe:1'],
    ]
    const { stdout } = await read(input, args, { deadlineMs, signal })
    const build = Number(/x264 - core (\d+)/.exec(stdout)?.[1])
    return build < FIRST_CORRECT_BUILD ? build : undefined
  }
}

/** H.264's profile of video that is lossless or has 4:4:4 chroma, as ffprobe names it. */
const HIGH_444 = 'High 4:4:4 Predictive'

/** The type of H.264's units with supplemental information. */
const SEI = 6
