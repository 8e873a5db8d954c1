import { CutroomError } from '#shared/errors.ts'
import { guardedCommand, type ProcessGuard, runGuardedProcess } from '../ffmpeg/guarded-process.ts'
import { findUnsupportedFormat } from '../ffmpeg/interpret-stderr.ts'
import { redactStderr } from '../ffmpeg/redact-stderr.ts'
import { guardSource, type MediaInput, type MediaLimits } from './media-input.ts'
import { unsupportedFormat } from './unreadable-source.ts'

export type FfprobeSettings = { ffprobe: string; limits: MediaLimits; guard: ProcessGuard }

export type FfprobeResult = { stdout: string; stderr: string }

/** How long one run may take, and what ends it. `onStdout` receives what it prints, of any length. */
export type FfprobeRun = { deadlineMs: number; signal: AbortSignal; onStdout?: (text: string) => void }

/** Runs ffprobe on a user's source, within the limits. */
export type Ffprobe = (input: MediaInput, options: string[], run: FfprobeRun) => Promise<FfprobeResult>

/**
 * @throws CutroomError `media.unreadable` and `media.limits` for what ffprobe refuses, `media.timed_out` past the
 * deadline; the input's own `readError` when its bytes did not arrive, and the signal's reason when aborted.
 */
export function createFfprobe({ ffprobe, limits, guard }: FfprobeSettings): Ffprobe {
  const command = guardedCommand(ffprobe, guard)
  return async (input, options, run) => {
    const args = ['-hide_banner', ...guardSource(input, limits), ...options, '-i', input.url]
    const { exitCode, stdout, stderr, timedOut } = await runGuardedProcess(command, args, run)
    const readError = input.readError?.()
    if (readError) throw readError
    if (timedOut) {
      throw new CutroomError(
        'media.timed_out',
        `Probing the source took more than ${run.deadlineMs / 1000} s.`,
      )
    }
    if (exitCode !== 0) throw errorFromStderr(stderr)
    return { stdout, stderr }
  }
}

/** True when ffprobe printed that the source exceeds a limit. */
export const exceedsLimit = (stderr: string): boolean => EXCEEDS_LIMIT.test(stderr)

const EXCEEDS_LIMIT = /max_streams|max(imum)? pixel|Picture size .* is invalid|Cannot allocate memory/i

/** The failure that ffprobe's stderr stands for. */
export function errorFromStderr(stderr: string): CutroomError {
  const lines = stderr.trim().split('\n')
  const unsupported = findUnsupportedFormat(lines)
  if (unsupported) return unsupportedFormat(unsupported)
  const logTail = redactStderr(lines.slice(-5))
  if (exceedsLimit(stderr)) {
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
