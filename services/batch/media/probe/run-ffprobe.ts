import { basename } from 'node:path'
import { CutroomError } from '#shared/errors.ts'
import { traced } from '#shared/observability/tracing.ts'
import { guardedCommand, type ProcessGuard, runGuardedProcess, withFiles } from '../ffmpeg/guarded-process.ts'
import { findUnsupportedFormat, OUT_OF_MEMORY } from '../ffmpeg/interpret-stderr.ts'
import { createJobMemory, type JobMemory } from '../ffmpeg/job-memory.ts'
import { redactStderr } from '../ffmpeg/redact-stderr.ts'
import { filesOf, guardUnknown, type MediaInput, type MediaLimits } from './media-input.ts'
import { describeAnyway, FormatRefusal, refusedCodecs } from './refused-codecs.ts'
import { unsupportedFormat } from './unreadable-source.ts'

/** `memory`: of the job that the probes belong to; that of the guard when left out. */
export type FfprobeSettings = {
  ffprobe: string
  limits: MediaLimits
  guard: ProcessGuard
  memory?: JobMemory
}

/** Of what runs ffmpeg on a user's source to learn about it. `deadlineMs`: of each run. */
export type FfmpegReaderSettings = Omit<FfprobeSettings, 'ffprobe'> & { ffmpeg: string; deadlineMs: number }

export type FfprobeResult = { stdout: string; stderr: string }

/** How long one run may take, and what ends it. `onStdout` receives what it prints, of any length. */
export type FfprobeRun = { deadlineMs: number; signal: AbortSignal; onStdout?: (text: string) => void }

/** Runs ffprobe on a user's source, within the limits. */
export type Ffprobe = (input: MediaInput, options: string[], run: FfprobeRun) => Promise<FfprobeResult>

/** What the first run on a file was refused holds for all others. */
const codecsRefusedIn = new WeakMap<MediaInput, string[]>()
/** A file with more unsupported codecs is refused: each may cost a run. */
const MAX_REFUSED_CODECS = 8

/**
 * An {@link Ffprobe}, which throws what {@link createSourceReader} does. A file is described although some of its streams have
 * codecs that are not on the whitelist.
 */
export function createFfprobe({ ffprobe, limits, ...settings }: FfprobeSettings): Ffprobe {
  const run = createSourceReader(ffprobe, settings)
  const probe: Ffprobe = async (input, options, how) => {
    const known = codecsRefusedIn.get(input) ?? []
    const guard = [...guardUnknown(input, limits), ...describeAnyway(known)]
    try {
      return await run(input, ['-hide_banner', ...guard, ...options, '-i', input.url], how)
    } catch (error) {
      const more = refusedIn(error).filter((codec) => !known.includes(codec))
      if (more.length === 0 || known.length + more.length > MAX_REFUSED_CODECS) throw error
      codecsRefusedIn.set(input, [...known, ...more])
      return probe(input, options, how)
    }
  }
  return probe
}

const refusedIn = (error: unknown): string[] => refusalOf(error)?.codecs ?? []

/** Why ffprobe refused a file, if it did for its format. */
export const refusalOf = (error: unknown): FormatRefusal | undefined =>
  error instanceof CutroomError && error.cause instanceof FormatRefusal ? error.cause : undefined

/** Runs a tool that reads a user's source and prints what it finds. `args` are all of its arguments. */
export type SourceReader = (input: MediaInput, args: string[], run: FfprobeRun) => Promise<FfprobeResult>

/**
 * Runs take a share of the job's memory, so that several can run at a time. A source for which that was not enough gets all
 * of it, alone.
 * @throws CutroomError `media.unreadable` and `media.limits` for what the tool refuses, `media.timed_out` past the
 * deadline; the input's own `readError` when its bytes did not arrive, and the signal's reason when aborted.
 */
export function createSourceReader(
  tool: string,
  { guard, memory = createJobMemory(guard.memoryBytes) }: Pick<FfprobeSettings, 'guard' | 'memory'>,
): SourceReader {
  async function runOnce(input: MediaInput, args: string[], run: FfprobeRun): Promise<FfprobeResult> {
    const bytes = memory.large.has(input) ? memory.total : memory.share
    const command = guardedCommand(tool, withFiles({ ...guard, memoryBytes: bytes }, filesOf([input])))
    const result = await memory.grant(bytes, run.signal, () =>
      traced(basename(tool), {}, () => runGuardedProcess(command, args, run)),
    )
    const stderr = result.stderr.replaceAll(SKIPPED_OPTION, '')
    const readError = input.readError?.()
    if (readError) throw readError
    if (result.timedOut) {
      throw new CutroomError(
        'media.timed_out',
        `Probing the source took more than ${run.deadlineMs / 1000} s.`,
      )
    }
    if (isOutOfMemory(stderr) && bytes < memory.total && !run.onStdout) {
      memory.large.add(input)
      return runOnce(input, args, run)
    }
    if (result.exitCode !== 0) throw errorFromStderr(stderr)
    return { stdout: result.stdout, stderr }
  }

  return runOnce
}

/** What ffmpeg prints when it was refused memory. Inside its decoders that may be all that tells; it exits with 0 then. */
const isOutOfMemory = (stderr: string): boolean => OUT_OF_MEMORY.test(stderr)

/** What ffprobe prints about options of guardUnknown that the file's demuxer does not have. */
const SKIPPED_OPTION = /^Option \w+ skipped - not known to demuxer\.\n/gm

/** True when ffprobe printed that the source exceeds a limit. */
export const exceedsLimit = (stderr: string): boolean => EXCEEDS_LIMIT.test(stderr)

const EXCEEDS_LIMIT = new RegExp(
  `max_streams|max(imum)? pixel|Picture size .* is invalid|${OUT_OF_MEMORY.source}`,
  'i',
)

/** The failure that ffprobe's stderr stands for. */
export function errorFromStderr(stderr: string): CutroomError {
  const lines = stderr.trim().split('\n')
  const unsupported = findUnsupportedFormat(lines)
  if (unsupported)
    return unsupportedFormat(unsupported, new FormatRefusal(unsupported, refusedCodecs(stderr)))
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
