import type { MediaInfo } from '#shared/contract/media-info.ts'
import { CutroomError } from '#shared/errors.ts'
import { withArticle } from '../ffmpeg/failed-inputs.ts'
import { errorCodeFromStderr } from '../ffmpeg/interpret-stderr.ts'
import { redactStderr } from '../ffmpeg/redact-stderr.ts'
import type { RunResult } from '../ffmpeg/run-ffmpeg.ts'
import type { Expected, PlannedOutput } from '../plan/types.ts'
import type { ProbeResult } from '../probe/probe.ts'

/** A deviation of more than this, or of a frame where that is longer, is never right. */
const TOLERANCE_S = 0.05
/** Audio containers count whole packets, and the encoder's delay. */
const AUDIO_TOLERANCE_S = 0.12

/** What was found in a file; `packets` where they were counted. */
export type Found = Pick<ProbeResult, 'info' | 'packets'>

/** How a file differs from its plan; undefined when it is as planned. */
export function deviation(expected: Expected, found: Found): string | undefined {
  return streamDeviation(expected, found.info) ?? timeDeviation(expected, found)
}

function streamDeviation(expected: Expected, { duration, video, audio }: MediaInfo): string | undefined {
  const base = expected.hasVideo ? TOLERANCE_S : AUDIO_TOLERANCE_S
  const tolerance = Math.max(base, expected.fps ? 1 / expected.fps : 0) + 0.001
  if (Boolean(video) !== expected.hasVideo) return video ? 'an unplanned video stream' : 'no video'
  if (Boolean(audio) !== expected.hasAudio) return audio ? 'an unplanned audio stream' : 'no audio'
  if (video && expected.videoCodec && video.codec !== expected.videoCodec) {
    return `${video.codec} video instead of ${expected.videoCodec}`
  }
  if (audio && expected.audioCodec && audio.codec !== expected.audioCodec) {
    return `${audio.codec} audio instead of ${expected.audioCodec}`
  }
  for (const [kind, seconds] of [
    ['', duration],
    [' of video', video?.duration],
    [' of audio', audio?.duration],
  ] as const) {
    if (typeof seconds === 'number' && Math.abs(seconds - expected.seconds) > tolerance) {
      return `${seconds.toFixed(3)} s${kind} instead of ${expected.seconds.toFixed(3)} s`
    }
  }
  if (expected.width !== null && (video?.width !== expected.width || video?.height !== expected.height)) {
    return `${video?.width}x${video?.height} pixels instead of ${expected.width}x${expected.height}`
  }
  if (expected.fps !== null && video && Math.abs(video.fps - expected.fps) > fpsTolerance(expected)) {
    return `${video.fps} frames per second instead of ${expected.fps.toFixed(3)}`
  }
  return undefined
}

/** The first packets of the encoders are delayed by this at most: seconds. */
const START_TOLERANCE_S = 0.06

/** How the frames of a file, and the ends of its streams, differ from its plan. */
function timeDeviation(expected: Expected, { info, packets }: Found): string | undefined {
  const { video, audio } = info
  const frames = packets?.video?.packets ?? video?.frames ?? null
  if (expected.frames && frames !== null) {
    const { count, tolerance } = expected.frames
    if (Math.abs(frames - count) > tolerance) return `${frames} frames instead of ${count}`
  }
  // A copy starts and ends where its source does.
  if (expected.videoCodec || expected.audioCodec) return undefined
  for (const kind of ['video', 'audio'] as const) {
    const { start = 0 } = packets?.[kind] ?? {}
    if (Math.abs(start) > START_TOLERANCE_S) return `${kind} that starts at ${start.toFixed(3)} s`
  }
  if (!expected.fps || !video?.duration || !audio?.duration) return undefined
  const apart = Math.abs(video.duration - audio.duration)
  if (apart <= Math.max(TOLERANCE_S, 1 / expected.fps) + 0.001) return undefined
  return `streams that end ${apart.toFixed(3)} s apart`
}

/** A frame more or less shows in the rate: much in a short file, most of all in a GIF. */
const fpsTolerance = ({ fps, seconds }: Expected): number => Math.max((fps ?? 0) * 0.01, 1 / seconds)

/**
 * Frames that rounding may duplicate where clips are joined. Plans give every frame its time, so that any further
 * duplicate stands for a frame that never came.
 */
const MAX_DUPLICATED_FRAMES = 2

/**
 * Accepts a rendered file only when it agrees with its plan.
 * @throws CutroomError `media.limits` when it ended at the largest size allowed; else the code of ffmpeg's messages;
 * `media.damaged` when frames are missing and ffmpeg gave no reason; `media.wrong_result` for any other deviation.
 */
export function requirePlanned(
  { name, expected }: Pick<PlannedOutput, 'name'> & { expected: Expected },
  found: Found,
  { lines, duplicatedFrames, subject = 'source' }: RunResult,
  maxBytes: number,
): void {
  const gaps = duplicatedFrames > MAX_DUPLICATED_FRAMES ? `${duplicatedFrames} frames missing` : undefined
  const bytes = found.info.bytes ?? 0
  // ffmpeg counts what was written, which since version 7 may be long after it was encoded.
  const excess = bytes > maxBytes ? `${bytes} bytes` : undefined
  const difference = excess ?? deviation(expected, found) ?? gaps
  if (difference === undefined) return
  const about = `${name} came out with ${difference}`
  const details = { logTail: redactStderr(lines.slice(-5)) }
  if (bytes > maxBytes * 0.95) {
    throw new CutroomError(
      'media.limits',
      `${about}, because it reached the maximum output size of ${maxBytes} bytes. Ask for a shorter or smaller output.`,
      details,
    )
  }
  const code = errorCodeFromStderr(lines) ?? (gaps === undefined ? 'media.wrong_result' : 'media.damaged')
  const why =
    code === 'media.damaged' ? `: ${withArticle(subject)} ends early or is damaged` : ' and was discarded'
  throw new CutroomError(code, `${about}${why}.`, details)
}
