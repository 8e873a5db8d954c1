import type { MediaInfo } from '#shared/contract/media-info.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Logger } from '#shared/logger.ts'
import { guardSource, type MediaInput, type MediaLimits } from './media-input.ts'
import { parseProbe, refuseExcess } from './parse-probe.ts'
import { capture, type Guard, underGuard } from './process.ts'
import { scrub } from './scrub.ts'

export type ProbeOptions = {
  ffprobe: string
  limits: MediaLimits
  guard: Guard
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
  const command = underGuard(ffprobe, guard)

  async function ask(input: MediaInput, signal: AbortSignal, wanted: string[]): Promise<string> {
    const args = ['-hide_banner', '-v', 'error', ...guardSource(input, limits), ...wanted, '-i', input.url]
    const { code, stdout, stderr, ended } = await capture(command, args, { deadlineMs, signal })
    const fault = input.fault?.()
    if (fault) throw fault
    if (ended === 'deadline')
      throw new CutroomError('media.timed_out', `Probing the source took more than ${deadlineMs / 1000} s.`)
    if (code !== 0) throw refusal(stderr)
    return stdout
  }

  return async (input, signal) => {
    const shape = ['-print_format', 'json', '-show_format', '-show_streams']
    const info = parseProbe(await ask(input, signal, shape), limits)
    if (info.duration > 0) return info
    log.debug('source tells no duration, reading it through')
    const packets = ['-show_entries', 'packet=pts_time,duration_time', '-print_format', 'compact=p=0:nk=1']
    const stream = ['-select_streams', String((info.video ?? info.audio)?.index ?? 0)]
    const measured = { ...info, duration: lastEnd(await ask(input, signal, [...stream, ...packets])) }
    refuseExcess(measured, limits)
    return measured
  }
}

/** The seconds from the first packet to the end of the last, of lines `pts|duration`. */
export function lastEnd(printed: string): number {
  let first = Number.POSITIVE_INFINITY
  let end = 0
  for (const line of printed.split('\n')) {
    const [pts = Number.NaN, duration] = line.split('|').map(Number)
    if (!Number.isFinite(pts)) continue
    first = Math.min(first, pts)
    end = Math.max(end, pts + (Number.isFinite(duration) ? (duration ?? 0) : 0))
  }
  if (end <= first) throw new CutroomError('media.unreadable', 'The source cannot be used: it has no length.')
  return end - first
}

/** ffprobe's complaint as an error. */
function refusal(stderr: string): CutroomError {
  const said = scrub(stderr.trim().split('\n').slice(-5))
  if (/max_streams|max_pixels|Picture size .* is invalid|Cannot allocate memory/.test(stderr))
    return new CutroomError('media.limits', 'The source is beyond the limits of what is decoded.', { said })
  return new CutroomError('media.unreadable', 'The source is not a video or sound that can be read.', {
    said,
  })
}
