import type { MediaInfo } from '#shared/contract/media-info.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Logger } from '#shared/observability/logger.ts'
import { guardedCommand, type ProcessGuard, runGuardedProcess } from '../ffmpeg/guarded-process.ts'
import { findUnsupportedFormat } from '../ffmpeg/interpret-stderr.ts'
import { redactStderr } from '../ffmpeg/redact-stderr.ts'
import { guardSource, type MediaInput, type MediaLimits } from './media-input.ts'
import { parseProbe, requireWithinLimits } from './parse-probe.ts'

export type ProbeOptions = {
  ffprobe: string
  limits: MediaLimits
  guard: ProcessGuard
  deadlineMs: number
  log: Logger
}

/** Finds out what a medium holds. */
export type Probe = (input: MediaInput, signal: AbortSignal) => Promise<MediaInfo>

/**
 * A probe over ffprobe. It throws `media.unreadable` for what is no sound or video, `media.limits` for what is
 * beyond the limits, `media.timed_out` for what takes too long to look at, the input's own fault when its
 * bytes did not come, and the signal's reason when aborted.
 */
export function createProbe({ ffprobe, limits, guard, deadlineMs, log }: ProbeOptions): Probe {
  const command = guardedCommand(ffprobe, guard)

  async function ask(input: MediaInput, signal: AbortSignal, wanted: string[]): Promise<Printed> {
    const args = ['-hide_banner', '-v', 'error', ...guardSource(input, limits), ...wanted, '-i', input.url]
    const { code, stdout, stderr, ended } = await runGuardedProcess(command, args, { deadlineMs, signal })
    const fault = input.readError?.()
    if (fault) throw fault
    if (ended === 'deadline')
      throw new CutroomError('media.timed_out', `Probing the source took more than ${deadlineMs / 1000} s.`)
    if (code !== 0) throw refusal(stderr)
    return { stdout, stderr }
  }

  return async (input, signal) => {
    const shape = ['-print_format', 'json', '-show_format', '-show_streams']
    const info = understand(await ask(input, signal, shape), limits)
    if (info.duration > 0) return info
    log.debug('source tells no duration, reading it through')
    const packets = ['-show_entries', 'packet=pts_time,duration_time', '-print_format', 'compact=p=0:nk=1']
    const stream = ['-select_streams', String((info.video ?? info.audio)?.index ?? 0)]
    const { stdout } = await ask(input, signal, [...stream, ...packets])
    const measured = { ...info, duration: measureDuration(stdout) }
    requireWithinLimits(measured, limits)
    return measured
  }
}

type Printed = { stdout: string; stderr: string }

// ffprobe ends well although a picture is too large for it: then it merely tells no size.
function understand({ stdout, stderr }: Printed, limits: MediaLimits): MediaInfo {
  try {
    return parseProbe(stdout, limits)
  } catch (error) {
    throw BEYOND.test(stderr) ? refusal(stderr) : error
  }
}

/** The seconds from the first packet to the end of the last, of lines `pts|duration`; raw streams have no pts. */
export function measureDuration(printed: string): number {
  let first = Number.POSITIVE_INFINITY
  let end = 0
  let sum = 0
  for (const line of printed.trim().split(/\s+/)) {
    const [pts = Number.NaN, duration = Number.NaN] = line.split('|').map(Number.parseFloat)
    const lasting = Number.isFinite(duration) ? duration : 0
    sum += lasting
    if (!Number.isFinite(pts)) continue
    first = Math.min(first, pts)
    end = Math.max(end, pts + lasting)
  }
  const length = end > first ? end - first : sum
  if (length > 0) return length
  throw new CutroomError('media.unreadable', 'The source cannot be used: it has no length.')
}

const BEYOND = /max_streams|max(imum)? pixel|Picture size .* is invalid|Cannot allocate memory/i

/** ffprobe's complaint as an error. */
function refusal(stderr: string): CutroomError {
  const lines = stderr.trim().split('\n')
  const forbidden = findUnsupportedFormat(lines)
  if (forbidden)
    return new CutroomError(
      'media.unreadable',
      `The source cannot be used: its ${forbidden} is not read here.`,
    )
  const logTail = redactStderr(lines.slice(-5))
  if (BEYOND.test(stderr))
    return new CutroomError('media.limits', 'The source is beyond the limits of what is decoded.', {
      logTail,
    })
  return new CutroomError('media.unreadable', 'The source is not a video or sound that can be read.', {
    logTail,
  })
}
