import { CutroomError } from '#shared/errors.ts'
import type { FrameReports } from '../ffmpeg/frame-reports.ts'
import { errorCodeFromStderr, reportsDistortedFrames } from '../ffmpeg/interpret-stderr.ts'
import { redactStderr } from '../ffmpeg/redact-stderr.ts'
import type { RunResult } from '../ffmpeg/run-ffmpeg.ts'
import type { Plan, ReportedStream } from '../plan/types.ts'
import type { RenderDeps } from '../types.ts'
import type { MissingContent } from './missing-content.ts'
import { findGaps, findMiddleGaps, type Gap, packetsFill, shouldFill } from './unfilled-gaps.ts'

/** What demuxers print when packets that an index or a header promises lie behind the end of the file. */
const CUT_OFF = /partial file|ended prematurely/i

/** Each may take a run of ffprobe, and a damaged recording may have thousands: so many are examined, from the beginning on. */
const MAX_MIDDLE_GAPS = 50

/** The cause of an error because no frame was decoded from the start of a clip on. */
class MissingStart {}

/** Whether video of which no frame was decoded from the start of a clip on caused an error. */
export const isMissingStart = (error: unknown): boolean =>
  error instanceof Error && (error.cause instanceof MissingStart || isMissingStart(error.cause))

/**
 * Makes sure that all of the sources that a plan uses reached its filter graph: frames and audio that did not are replaced
 * by a still frame and by silence, which no property of the result shows. A gap is no error when the source has nothing
 * there either; only where a gap is, the source is read once more.
 * @returns what is damaged in the middle of a clip, and was replaced or may be shown wrongly.
 * @throws CutroomError `media.damaged` when ffmpeg reported damage, else `media.wrong_result`; see `isMissingStart`.
 */
export async function requireSourcesShown(
  { reported = [] }: Plan,
  { lines, reports }: RunResult,
  { findPackets }: Pick<RenderDeps, 'findPackets'>,
  signal: AbortSignal,
): Promise<MissingContent[]> {
  const failure = errorCodeFromStderr(lines)
  const middle: Gap[] = []
  const unfilled: Gap[] = []
  for (const gap of findGaps(reported, reports)) {
    const fills = shouldFill(gap) ?? (await isFilledInFile(gap, findPackets, signal))
    if (!fills && !isVideoCutOff(gap, lines) && !(await endsEarly(gap, findPackets, signal))) {
      if (isWithinClip(gap) || isInMiddleOfClip(gap, reports)) unfilled.push(gap)
      continue
    }
    if (failure === 'media.damaged' && isInMiddleOfClip(gap, reports)) {
      middle.push(gap)
      continue
    }
    throw new CutroomError(failure ?? (fills ? 'media.wrong_result' : 'media.damaged'), describe(gap), {
      logTail: redactStderr(lines.slice(-5)),
      ...(isUndecodedStart(gap) && { cause: new MissingStart() }),
    })
  }
  if (failure !== 'media.damaged') return []
  const gaps = findMiddleGaps(reported, reports)
    .toSorted((a, b) => a.from - b.from)
    .slice(0, MAX_MIDDLE_GAPS)
  for (const gap of gaps) {
    const fills = shouldFill(gap) ?? (await isFilledInFile(gap, findPackets, signal))
    if (fills) middle.push(gap)
    else unfilled.push(gap)
  }
  const unconfirmed = unfilled.flatMap(toMissing).map((range) => ({ ...range, unconfirmed: true as const }))
  if (middle.length === 0 && reportsDistortedFrames(lines)) return reported.flatMap(maybeDistorted)
  return [...middle.flatMap(toMissing), ...unconfirmed]
}

const toMissing = ({ stream: { source, kind }, from, to }: Gap): MissingContent[] =>
  source === null ? [] : [{ source, kind, from, to }]

/** Decoders do not say which input they read: all of the video may be meant. */
const maybeDistorted = ({ source, kind, range: { start, seconds } }: ReportedStream): MissingContent[] =>
  source === null || kind === 'audio'
    ? []
    : [{ source, kind, from: start, to: start + seconds, distorted: true }]

const isUndecodedStart = ({ at, held, stream }: Gap): boolean =>
  at === 'start' && !held && stream.kind === 'video'

/** Whether the clip goes on in other chunks at both ends of the one that has a gap. */
const isWithinClip = ({ stream: { continued } }: Gap): boolean =>
  continued?.before === true && continued.behind

/** Whether the clip goes on beyond a gap in another chunk, and this one shows some of it. */
function isInMiddleOfClip(gap: Gap, reports: FrameReports): boolean {
  const { at, stream } = gap
  const { id, offset, range, continued } = stream
  const goesOn = at === 'start' ? continued?.before : continued?.behind
  const isShown = (time: number) => time >= offset && time < offset + range.seconds
  return goesOn === true && !isUndecodedStart(gap) && (reports.get(id)?.some(isShown) ?? false)
}

/** What is read at most of a gap at the end of a clip, and before one at its start: seconds. */
const EXAMINED_S = 10

async function isFilledInFile(
  gap: Gap,
  findPackets: RenderDeps['findPackets'],
  signal: AbortSignal,
): Promise<boolean> {
  const { stream, at, from, to } = gap
  const range =
    at === 'start'
      ? { from: Math.max(0, from - EXAMINED_S), to: Math.min(to, from + EXAMINED_S) }
      : { from: Math.max(from, to - EXAMINED_S), to }
  const { index, times } = stream
  try {
    const found = await findPackets(stream.file, { index, ...range, origin: times?.origin }, signal)
    return packetsFill({ ...gap, to: range.to }, found)
  } catch (error) {
    // Without an index, ffprobe may not find the place. That says nothing about the result.
    if (error instanceof CutroomError && error.code === 'media.unreadable') return false
    throw error
  }
}

/**
 * Whether the last frame stands in place of frames that were cut off. In video without an even rate a frame may stand for long, so
 * that neither the number of frames nor the packets that are there show it.
 */
const isVideoCutOff = ({ stream: { kind, times }, at }: Gap, lines: string[]): boolean =>
  kind === 'video' && at === 'end' && !times && lines.some((line) => CUT_OFF.test(line))

/** Audio that ends by so much earlier than its container states was cut off: seconds. */
const CUT_OFF_S = 0.5

/** Whether a gap has its reason in a file that was cut off: the container states audio there, and none follows. */
async function endsEarly(
  { stream: { file, index, times, statedEnd = 0 }, at, from }: Gap,
  findPackets: RenderDeps['findPackets'],
  signal: AbortSignal,
): Promise<boolean> {
  if (times || at === 'start' || statedEnd - from < CUT_OFF_S) return false
  try {
    const range = { index, from, to: statedEnd, origin: undefined }
    return (await findPackets(file, range, signal)).every(({ shownAt }) => shownAt < from)
  } catch (error) {
    if (error instanceof CutroomError && error.code === 'media.unreadable') return false
    throw error
  }
}

function describe({ stream: { kind, source }, at, from, to }: Gap): string {
  const of = source === null ? 'a bumper clip' : `source ${source + 1}`
  const range = `from ${from.toFixed(2)} s to ${to.toFixed(2)} s`
  const instead = kind === 'video' ? 'a still frame' : 'silence'
  return `The ${kind} of ${of} ${range} is missing at the ${at} of its clip: the output had ${instead} there and was discarded.`
}
