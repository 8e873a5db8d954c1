import { CutroomError, type ErrorCode } from '#shared/errors.ts'
import {
  audioChangeOf,
  type FailedSubject,
  failedInputs,
  failedSubject,
  type NamedInput,
  withArticle,
} from './failed-inputs.ts'
import { redactStderr } from './redact-stderr.ts'

/**
 * A failed run of ffmpeg: how it ended, such as "ffmpeg exited with code 1"; the last lines of its stderr; and its
 * inputs, of which it opens the images without a probe.
 */
export type FailedRun = { exit: string; lines: string[]; inputs?: readonly NamedInput[] }

type KnownFailure = {
  pattern: RegExp
  code: ErrorCode
  message: string | ((subject: FailedSubject) => string)
  advice?: string
}

/** What ffmpeg and its libraries print when they are refused memory. */
export const OUT_OF_MEMORY = /Cannot allocate memory|malloc of size \d+ failed|Failed to allocate/i

// The first match decides: a full disk, for example, also makes ffmpeg report errors of its output.
const KNOWN_FAILURES: KnownFailure[] = [
  {
    pattern: /No space left on device|Disk quota exceeded/i,
    code: 'media.disk_full',
    message: 'The scratch disk is full',
  },
  {
    pattern: OUT_OF_MEMORY,
    code: 'media.limits',
    message: (subject) =>
      `${capitalized(withArticle(subject))} or the outputs need more memory than a job may use`,
    advice: 'Use a source with smaller frames, or ask for smaller or fewer outputs.',
  },
  {
    pattern: /max(imum)? pixel|Picture size \S+ is invalid|max_streams/i,
    code: 'media.limits',
    message: (subject) =>
      `${capitalized(withArticle(subject))} has more pixels or streams than the limits allow`,
    advice: 'Scale it down or remove streams first.',
  },
  {
    pattern: /Rematrix is needed between .* but there is not enough information/,
    code: 'media.unreadable',
    message: (subject) =>
      `The audio of ${withArticle(subject)} has a number of channels without a known layout`,
    advice: 'Mix it to stereo or 5.1 first.',
  },
  // For a URL these words mean a broken connection; for a file they would mean damage.
  {
    pattern: /(http:\S+|\[in#\S+ @ \w+\] Error (opening input|during demuxing):) Input\/output error/i,
    code: 'source.unavailable',
    message: 'A source stopped sending data',
    advice: 'Check that its host is reachable.',
  },
  {
    pattern:
      /Cannot determine format of input|moov atom not found|Invalid data found when processing input|File ended prematurely|partial file/i,
    code: 'media.damaged',
    message: (subject) =>
      `${capitalized(withArticle(subject))} is damaged and could not be decoded to the end`,
    advice: 'Export or upload it again.',
  },
  {
    pattern: /get_(encode_)?buffer\(\) failed/i,
    code: 'media.limits',
    message: (subject) => `Decoding ${withArticle(subject)} needs more memory than the limits allow`,
    advice: 'Scale it down first.',
  },
]

/** With this code ffmpeg ends when more than two thirds of a stream could not be decoded, without a line of its own. */
const UNDECODABLE_EXIT = 'ffmpeg exited with code 69'
const UNDECODABLE = {
  code: 'media.damaged',
  message: 'Most of a stream of the source could not be decoded',
  advice: 'Check that it plays in a media player, and export it again.',
} as const

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** The limit on the size of each file is that of all scratch space. A sandbox reports a signal as 128 and its number. */
const FILE_TOO_LARGE_EXIT = /signal SIGXFSZ$|code 153$/
const FILE_TOO_LARGE = {
  code: 'media.limits',
  message: 'A file would have taken more scratch space than a job may have',
  advice: 'Ask for fewer or smaller outputs.',
} as const

const UNKNOWN_FAILURE = {
  code: 'media.failed',
  message: 'Processing failed',
  advice: undefined,
} as const

/** What is known from the exit alone. */
function meaningOf(exit: string) {
  if (FILE_TOO_LARGE_EXIT.test(exit)) return FILE_TOO_LARGE
  return exit === UNDECODABLE_EXIT ? UNDECODABLE : UNKNOWN_FAILURE
}

const findKnownFailure = (lines: string[]) =>
  KNOWN_FAILURES.find(({ pattern }) => pattern.test(lines.join('\n')))

/**
 * The codec or container that is not on ffmpeg's whitelist, such as "codec cinepak" or "container hls"; undefined
 * when the lines report none.
 */
export function findUnsupportedFormat(lines: string[]): string | undefined {
  const text = lines.join('\n')
  const codec = /Codec \(([\w-]+)\) not on whitelist/.exec(text)?.[1]
  if (codec) return `codec ${codec}`
  const container = /\[(?!in#)([\w,]+)[^\]]*\] Format not on whitelist/.exec(text)?.[1]
  if (container) return `container ${container.replace(/_(pipe|anim)$/, '')}`
  return HIDDEN_PLAYLIST.test(text) ? 'container hls' : undefined
}

/** The whitelist of a source, unlike that of an image, has codecs of video. */
const REFUSED_IN_SOURCE = /Codec \([\w-]+\) not on whitelist '.*\bh264\b/

/** Since version 7, ffmpeg takes a playlist for one only under a name or a MIME type of playlists. */
const HIDDEN_PLAYLIST = /Not detecting m3u8\/hls/

/** A failed run as an error with the code that its stderr stands for; `media.failed` when that is unknown. */
export function interpretFailure({ exit, lines, inputs = [] }: FailedRun): CutroomError {
  // Sources were probed before the run, so what is not supported here is one of the images, or a track that is not used.
  const unsupported = findUnsupportedFormat(lines.filter((line) => !REFUSED_IN_SOURCE.test(line)))
  if (unsupported) return unreadableImage(`the ${unsupported} is not supported`)
  if (lines.some((line) => UNNAMED_CONTAINER.test(line))) {
    return unreadableImage('it is an animated WebP, which is not supported, or has another format')
  }
  const change = audioChangeOf(lines, inputs)
  if (change) {
    return new CutroomError(
      'media.failed',
      `The audio of ${withArticle(failedSubject(lines, inputs))} changes its channels or sample rate on the way (${exit}). ` +
        'Convert it to one format first.',
      { cause: change, logTail: redactStderr(lines) },
    )
  }
  if (failedInputs(lines, inputs).some(({ image }) => image)) {
    return unreadableImage(
      lines.some((line) => WEBP_WITHOUT_IMAGE.test(line))
        ? 'it is an animated WebP, which is not supported, or it is damaged'
        : 'it is damaged or has another format',
    )
  }
  const known = findKnownFailure(lines)
  const { code, message, advice } = known ?? meaningOf(exit)
  const what = typeof message === 'string' ? message : message(failedSubject(lines, inputs))
  const sentence = `${what} (${exit}).`
  return new CutroomError(code, advice ? `${sentence} ${advice}` : sentence, {
    logTail: redactStderr(lines),
    ...(known?.pattern === OUT_OF_MEMORY && { cause: new OutOfMemory() }),
  })
}

/** The cause of a run that failed because it was refused memory. */
class OutOfMemory {}

/** Whether a run failed because it was refused memory. */
export const isOutOfMemory = (error: unknown): boolean =>
  error instanceof CutroomError && error.cause instanceof OutOfMemory

/** Since version 9, ffmpeg does not name the container that it refuses; and it has one more, for animated WebP. */
const UNNAMED_CONTAINER = /\[in#\d+ @ \w+\] Format not on whitelist/

/** What ffmpeg's decoder says about a WebP in which frames take the place of the image. */
const WEBP_WITHOUT_IMAGE = /\[[^\]]*webp @ [^\]]*\] image data not found/

const unreadableImage = (why: string) =>
  new CutroomError('media.unreadable', `Cannot use an image: ${why}. Use a valid PNG, JPEG or WebP file.`)

/**
 * The error code that the stderr of a run stands for although ffmpeg exited with 0; undefined when the lines are
 * harmless. ffmpeg treats an input that fails half way like one that ends there.
 */
export const errorCodeFromStderr = (lines: string[]): ErrorCode | undefined =>
  findKnownFailure(lines)?.code ??
  (reportsDamage(lines) || reportsDistortedFrames(lines) ? 'media.damaged' : undefined)

const DAMAGED_INPUT =
  /partial file|ended prematurely|truncat|Invalid data|corrupt|error while decoding|Invalid NAL|Packet mismatch|end of file|exceeds containing master element|as first byte of an EBML/i

/** What decoders print about frames that they show although they decoded only parts of them. */
const DISTORTED_FRAMES =
  /error while decoding MB|(ac-tex|mb incr|motion_type) damaged|invalid mb type|Error at MB|CABAC_MAX_BIN|error count: \d/i

/** Whether a decoder reported frames that it shows although parts of them could not be decoded. */
export const reportsDistortedFrames = (lines: string[]): boolean =>
  lines.some((line) => DISTORTED_FRAMES.test(line))

const reportsDamage = (lines: string[]): boolean => lines.some((line) => DAMAGED_INPUT.test(line))

// ffmpeg 5 exits with 0 when the disk fills up at the very end.
const WRITE_ERROR = /Error (writing trailer|closing file)|No space left on device/

/** True when ffmpeg could not write its output, whatever its exit code says. */
export const hasWriteError = (lines: string[]): boolean => lines.some((line) => WRITE_ERROR.test(line))
