import type { MediaInfo } from '#shared/contract/media-info.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Logger } from '#shared/observability/logger.ts'
import { type CountedPackets, countedPackets } from './counted-packets.ts'
import { type FfprobeOutput, parseFfprobeOutput, parsePackets } from './ffprobe-output.ts'
import { requireWithinLimits } from './limits.ts'
import type { MediaInput, MediaLimits } from './media-input.ts'
import { parseProbe } from './parse-probe.ts'
import { readBytes } from './read-bytes.ts'
import {
  createFfprobe,
  errorFromStderr,
  exceedsLimit,
  type FfprobeResult,
  type FfprobeSettings,
  refusalOf,
} from './run-ffprobe.ts'
import { type RateRun, readAdtsRates } from './times/adts-rates.ts'
import { hasEstimatedTimes, hasEvenFrames, mayHideJoinedFile } from './times/estimated-times.ts'
import { findLastFrames, isLocalMp4 } from './times/find-last-frames.ts'
import { LAST_GROUP_OPTIONS } from './times/last-frames.ts'
import { type ClaimedTimes, measureOptions, measurePackets } from './times/measure-packets.ts'
import { needsRateSample, parseRateSample, rateSampleOptions, withPeakRate } from './times/peak-rate.ts'
import type { TimeMap } from './times/time-map.ts'
import { withTimes } from './times/with-times.ts'
import { probeAnimation } from './webp/probe-animation.ts'

/** `deadlineMs`: for describing a file. `measureDeadlineMs`: for reading all of its packets. */
export type ProbeOptions = FfprobeSettings & {
  deadlineMs: number
  measureDeadlineMs: number
  log: Logger
}

/**
 * What a media file contains. `times`: when its streams play, where that had to be measured. `hasEvenFrames`: whether
 * its index shows that no frame stands longer than the others.
 */
export type ProbeResult = {
  info: MediaInfo
  times?: TimeMap | undefined
  hasEvenFrames: boolean
  packets?: CountedPackets | undefined
}

/**
 * Finds out what a media file contains. `countPackets` reads all of it to count its packets. `encodedHere`: the file is this
 * service's own, so that its index can be trusted.
 */
export type Probe = (
  input: MediaInput,
  signal: AbortSignal,
  options?: { countPackets?: boolean; encodedHere?: boolean },
) => Promise<ProbeResult>

/**
 * A probe that runs ffprobe. Where the container gives no more than an estimate of its length, all packets are read. Of an animated
 * WebP, which versions of ffmpeg before 9 do not know, it reads the headers itself.
 * @throws CutroomError `media.unreadable` for what is not a supported video or audio file, `media.limits` for what
 * exceeds the limits, `media.timed_out` past the deadline; the input's own `readError` when its bytes did not
 * arrive, and the signal's reason when aborted.
 */
export function createProbe(options: ProbeOptions): Probe {
  const { limits, log, deadlineMs } = options
  const run = createFfprobe(options)

  async function measure(input: MediaInput, described: Description, signal: AbortSignal): Promise<TimeMap> {
    const { info } = described
    const claimed = claimedTimes(described)
    const measurement = measurePackets(claimed)
    await run(input, ['-v', 'error', ...measureOptions(claimed)], {
      deadlineMs: options.measureDeadlineMs,
      signal,
      onStdout: measurement.add,
    })
    return measurement.finish(isAdts(info) ? await readRates(input, signal) : undefined)
  }

  /** Prints packets of some places; nothing where the container has no index to find them in. */
  async function samplePackets(input: MediaInput, options: string[], signal: AbortSignal): Promise<string> {
    const sampled = run(input, ['-v', 'error', ...options], { deadlineMs, signal })
    const { stdout } = await sampled.catch((error: unknown) => {
      if (isAboutFile(error)) return { stdout: '' }
      throw error
    })
    return stdout
  }

  /** Describes a file, with the packets at its end where that is no more than reading them. */
  async function describe(
    input: MediaInput,
    { readsEnd }: { readsEnd: boolean },
    signal: AbortSignal,
  ): Promise<FfprobeResult & { ending?: undefined }> {
    if (!readsEnd || !(await isLocalMp4(input))) return run(input, DESCRIBE_OPTIONS, { deadlineMs, signal })
    try {
      return await run(input, [...DESCRIBE_OPTIONS, ...LAST_GROUP_OPTIONS], { deadlineMs, signal })
    } catch (error) {
      if (!isAboutFile(error)) throw error
      // A file without packets can be described all the same.
      return run(input, DESCRIBE_OPTIONS, { deadlineMs, signal })
    }
  }

  /** Describes a file and counts its packets; those at its end are read at the same time, since they would be all that is counted. */
  async function count(
    input: MediaInput,
    { readsEnd }: { readsEnd: boolean },
    signal: AbortSignal,
  ): Promise<FfprobeResult & { ending: FfprobeOutput['packets'] }> {
    const [result, ending] = await Promise.all([
      run(input, ['-count_packets', ...DESCRIBE_OPTIONS], {
        deadlineMs: options.measureDeadlineMs,
        signal,
      }),
      readsEnd && (await isLocalMp4(input))
        ? samplePackets(input, [...AS_JSON, ...LAST_GROUP_OPTIONS], signal)
        : '',
    ])
    return { ...result, ending: parsePackets(ending) }
  }

  async function sampleRate(input: MediaInput, info: MediaInfo, signal: AbortSignal) {
    const printed = await samplePackets(input, rateSampleOptions(info), signal)
    return info.video && withPeakRate(info.video, parseRateSample(printed))
  }

  const probe: Probe = async (input, signal, { countPackets = false, encodedHere = false } = {}) => {
    const readsEnd = !encodedHere
    const result = await (countPackets ? count : describe)(input, { readsEnd }, signal)
    const info = toMediaInfo(result, limits)
    const printed = parseFfprobeOutput(result.stdout)
    const described = {
      info,
      printed: { ...printed, packets: result.ending ?? printed.packets },
      warnings: result.stderr,
    }
    if (!hasEstimatedTimes(described.printed, info, described.warnings)) {
      const corrected = readsEnd ? await findLastFrames(input, described, samplePackets, signal) : undefined
      const found = corrected ?? info
      requireWithinLimits(found, limits)
      if (mayHideJoinedFile(info) && !encodedHere) await measure(input, described, signal)
      const video = needsRateSample(found) ? await sampleRate(input, found, signal) : found.video
      return {
        info: { ...found, video },
        hasEvenFrames: !corrected && hasEvenFrames(described.printed, info),
        ...(countPackets && { packets: countedPackets(described.printed, info) }),
      }
    }
    log.debug('duration of the source is an estimate, reading its packets')
    const times = await measure(input, described, signal)
    const measured = withTimes(info, times)
    requireWithinLimits(measured, limits)
    return { info: measured, times, hasEvenFrames: false }
  }

  return (input, signal, how) =>
    probe(input, signal, how).catch(async (error: unknown) => {
      const isWebp = refusalOf(error)?.format === 'container webp'
      const animation = isWebp && (await probeAnimation(input, limits, signal))
      if (!animation) throw error
      return { ...animation, hasEvenFrames: false }
    })
}

/** What ffprobe printed about a file, and what that says. */
export type Description = { info: MediaInfo; printed: FfprobeOutput; warnings: string }

const isAdts = ({ container }: MediaInfo): boolean => container === 'aac'

async function readRates(input: MediaInput, signal: AbortSignal): Promise<RateRun[]> {
  const rates = readAdtsRates()
  for await (const bytes of readBytes(input, signal)) rates.add(bytes)
  return rates.finish()
}

const claimedTimes = ({ info, printed: { format } }: Description): ClaimedTimes => ({
  container: info.container,
  bytes: info.bytes,
  streams: info.streams,
  video: info.video,
  audio: info.audio,
  start: format.start_time,
  duration: format.duration,
})

const isAboutFile = (error: unknown): boolean =>
  error instanceof CutroomError && error.code.startsWith('media.')

// Warnings say which of the numbers are estimates.
const AS_JSON = ['-print_format', 'json']
const DESCRIBE_OPTIONS = ['-v', 'warning', ...AS_JSON, '-show_format', '-show_streams']

// ffprobe exits with 0 although frames are too large to decode: it only leaves their size out. Some demuxers leave out the
// streams beyond the limit, Matroska's since ffmpeg 7.
function toMediaInfo({ stdout, stderr }: FfprobeResult, limits: MediaLimits): MediaInfo {
  if (EXCEEDS_STREAMS.test(stderr)) throw errorFromStderr(stderr)
  try {
    return parseProbe(stdout, limits)
  } catch (error) {
    throw exceedsLimit(stderr) ? errorFromStderr(stderr) : error
  }
}

const EXCEEDS_STREAMS = /exceeds max_streams|max_streams parameter/
