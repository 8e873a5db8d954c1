import type { MediaInfo } from '#shared/contract/media-info.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Logger } from '#shared/observability/logger.ts'
import { guardedCommand, type ProcessGuard, runGuardedProcess } from '../ffmpeg/guarded-process.ts'
import { findUnsupportedFormat } from '../ffmpeg/interpret-stderr.ts'
import { redactStderr } from '../ffmpeg/redact-stderr.ts'
import { requireWithinLimits } from './limits.ts'
import { guardSource, type MediaInput, type MediaLimits } from './media-input.ts'
import { durationOfPackets, PACKET_TIME_OPTIONS } from './packet-duration.ts'
import { parseProbe } from './parse-probe.ts'
import { unsupportedFormat } from './unreadable-source.ts'

export type ProbeOptions = {
  ffprobe: string
  limits: MediaLimits
  guard: ProcessGuard
  deadlineMs: number
  log: Logger
}

/** Finds out what a media file contains. */
export type Probe = (input: MediaInput, signal: AbortSignal) => Promise<MediaInfo>

/**
 * A probe that runs ffprobe. A source that states no duration is read to its end to measure it.
 * @throws CutroomError `media.unreadable` for what is not a supported video or audio file, `media.limits` for what
 * exceeds the limits, `media.timed_out` past the deadline; the input's own `readError` when its bytes did not
 * arrive, and the signal's reason when aborted.
 */
export function createProbe({ ffprobe, limits, guard, deadlineMs, log }: ProbeOptions): Probe {
  const command = guardedCommand(ffprobe, guard)

  async function runFfprobe(
    input: MediaInput,
    options: string[],
    signal: AbortSignal,
  ): Promise<FfprobeResult> {
    const args = ['-hide_banner', '-v', 'error', ...guardSource(input, limits), ...options, '-i', input.url]
    const { exitCode, stdout, stderr, timedOut } = await runGuardedProcess(command, args, {
      deadlineMs,
      signal,
    })
    const readError = input.readError?.()
    if (readError) throw readError
    if (timedOut) {
      throw new CutroomError('media.timed_out', `Probing the source took more than ${deadlineMs / 1000} s.`)
    }
    if (exitCode !== 0) throw errorFromStderr(stderr)
    return { stdout, stderr }
  }

  async function measureDuration(input: MediaInput, info: MediaInfo, signal: AbortSignal) {
    const stream = ['-select_streams', String((info.video ?? info.audio)?.index ?? 0)]
    const { stdout } = await runFfprobe(input, [...stream, ...PACKET_TIME_OPTIONS], signal)
    return durationOfPackets(stdout)
  }

  return async (input, signal) => {
    const info = toMediaInfo(await runFfprobe(input, DESCRIBE_OPTIONS, signal), limits)
    if (info.duration > 0) return info
    log.debug('source states no duration, measuring it')
    const measured = { ...info, duration: await measureDuration(input, info, signal) }
    requireWithinLimits(measured, limits)
    return measured
  }
}

const DESCRIBE_OPTIONS = ['-print_format', 'json', '-show_format', '-show_streams']

type FfprobeResult = { stdout: string; stderr: string }

// ffprobe exits with 0 although frames are too large to decode: it only leaves their size out. Some demuxers leave out the
// streams beyond the limit, Matroska's since ffmpeg 7.
function toMediaInfo({ stdout, stderr }: FfprobeResult, limits: MediaLimits): MediaInfo {
  if (EXCEEDS_STREAMS.test(stderr)) throw errorFromStderr(stderr)
  try {
    return parseProbe(stdout, limits)
  } catch (error) {
    throw EXCEEDS_LIMIT.test(stderr) ? errorFromStderr(stderr) : error
  }
}

const EXCEEDS_STREAMS = /exceeds max_streams|max_streams parameter/
const EXCEEDS_LIMIT = /max_streams|max(imum)? pixel|Picture size .* is invalid|Cannot allocate memory/i

function errorFromStderr(stderr: string): CutroomError {
  const lines = stderr.trim().split('\n')
  const unsupported = findUnsupportedFormat(lines)
  if (unsupported) return unsupportedFormat(unsupported)
  const logTail = redactStderr(lines.slice(-5))
  if (EXCEEDS_LIMIT.test(stderr)) {
    return new CutroomError(
      'media.limits',
      'The source has more pixels or streams, or needs more memory, than the limits allow. Scale it down or remove streams first.',
      { logTail },
    )
  }
  return new CutroomError(
    'media.unreadable',
    'The source is not a readable video or audio file. Check that it is complete and plays in a media player.',
    { logTail },
  )
}
