import type { MediaInfo } from '#shared/contract/media-info.ts'
import { CutroomError } from '#shared/errors.ts'
import { errorCodeFromStderr } from '../ffmpeg/interpret-stderr.ts'
import { redactStderr } from '../ffmpeg/redact-stderr.ts'
import type { RunResult } from '../ffmpeg/run-ffmpeg.ts'
import type { Expected, PlannedOutput } from '../plan/types.ts'

/** Longer than this is never right; a frame may be longer still. */
const TOLERANCE_S = 0.05
/** Containers of sound alone count whole packets, and the encoder's delay. */
const SOUND_TOLERANCE_S = 0.12

/** What a made file is unlike its plan in; undefined when it is as planned. */
export function deviation(expected: Expected, { duration, video, audio }: MediaInfo): string | undefined {
  const least = expected.hasVideo ? TOLERANCE_S : SOUND_TOLERANCE_S
  const tolerance = Math.max(least, expected.fps ? 1 / expected.fps : 0) + 0.001
  if (Boolean(video) !== expected.hasVideo) return video ? 'an unplanned picture' : 'no picture'
  if (Boolean(audio) !== expected.hasAudio) return audio ? 'unplanned sound' : 'no sound'
  if (video && expected.videoCodec && video.codec !== expected.videoCodec)
    return `a picture in ${video.codec} instead of ${expected.videoCodec}`
  if (audio && expected.audioCodec && audio.codec !== expected.audioCodec)
    return `sound in ${audio.codec} instead of ${expected.audioCodec}`
  for (const [what, seconds] of [
    ['', duration],
    [' of picture', video?.duration],
    [' of sound', audio?.duration],
  ] as const) {
    if (typeof seconds === 'number' && Math.abs(seconds - expected.seconds) > tolerance)
      return `${seconds.toFixed(3)} s${what} instead of ${expected.seconds.toFixed(3)} s`
  }
  if (expected.width !== null && (video?.width !== expected.width || video?.height !== expected.height))
    return `${video?.width}x${video?.height} instead of ${expected.width}x${expected.height}`
  if (expected.fps !== null && video && Math.abs(video.fps - expected.fps) > fpsTolerance(expected))
    return `${video.fps} frames per second instead of ${expected.fps.toFixed(3)}`
  return undefined
}

/** Frames are counted over seconds, and one may be counted or not: much in a short file, most of all in a GIF. */
const fpsTolerance = ({ fps, seconds }: Expected): number => Math.max((fps ?? 0) * 0.01, 1 / seconds)

/** Frames that rounding may repeat where stretches are joined. */
const REPEATS_ALLOWED = 2

/**
 * Lets a made file count only when it agrees with its plan. Throws `media.limits` when the file ended at
 * the largest size allowed, else what ffmpeg's complaints mean, `media.damaged` when it had to repeat frames
 * without a word, and `media.wrong_result` for all else.
 */
export function requirePlanned(
  output: PlannedOutput & { expected: Expected },
  made: MediaInfo,
  ran: RunResult,
  maxBytes: number,
): void {
  const gaps = ran.duplicatedFrames > REPEATS_ALLOWED ? `${ran.duplicatedFrames} frames missing` : undefined
  const fault = deviation(output.expected, made) ?? gaps
  if (fault === undefined) return
  const about = `${output.name} came out with ${fault}`
  const details = { logTail: redactStderr(ran.lines.slice(-5)) }
  if ((made.bytes ?? 0) > maxBytes * 0.95)
    throw new CutroomError('media.limits', `${about}: it reached the largest size allowed.`, details)
  const code = errorCodeFromStderr(ran.lines) ?? (gaps === undefined ? 'media.wrong_result' : 'media.damaged')
  const why = code === 'media.damaged' ? ': the source ends early or is damaged' : ', so it does not count'
  throw new CutroomError(code, `${about}${why}.`, details)
}
