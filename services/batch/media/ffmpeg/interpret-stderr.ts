import { CutroomError, type ErrorCode } from '#shared/errors.ts'
import { redactStderr } from './redact-stderr.ts'

/**
 * How an ffmpeg run ended, when not well: why it was ended if we did, its exit if not, its last lines. `pictures`
 * are the addresses of the still pictures among its inputs.
 */
export type FailedRun = { exit: string; lines: string[]; pictures?: string[] }

// The first that fits decides: a full disk also makes ffmpeg complain of its output.
const MEANINGS: [RegExp, ErrorCode, string][] = [
  [/No space left on device|Disk quota exceeded/i, 'media.disk_full', 'The scratch space ran full'],
  [
    /max(imum)? pixel|Picture size \S+ is invalid|max_streams/i,
    'media.limits',
    'The source is beyond the limits',
  ],
  // Of a file the same words mean that it is damaged.
  [/http:\S+ Input\/output error/i, 'source.unavailable', 'The bytes of a source stopped coming'],
  [
    /Cannot determine format of input stream|moov atom not found|Invalid data found when processing input|File ended prematurely|partial file/i,
    'media.damaged',
    'The source is damaged and could not be read to its end',
  ],
  [
    /Cannot allocate memory|Failed to allocate|get_(encode_)?buffer\(\) failed/i,
    'media.limits',
    'The source takes more memory to decode than is allowed',
  ],
]

/** What ffmpeg's lines mean, when they mean something known. */
const known = (lines: string[]) => MEANINGS.find(([pattern]) => pattern.test(lines.join('\n')))

/** The codec or container that ffmpeg was forbidden to read, as "codec, cinepak,"; undefined when it was none. */
export function findUnsupportedFormat(lines: string[]): string | undefined {
  const text = lines.join('\n')
  const codec = /Codec \((\w+)\) not on whitelist/.exec(text)?.[1]
  if (codec) return `codec, ${codec},`
  const container = /\[([\w,]+)[^\]]*\] Format not on whitelist/.exec(text)?.[1]
  return container && `container, ${container.replace(/_pipe$/, '')},`
}

/** A failed run as an error: what ffmpeg's last lines mean, `media.failed` when they mean nothing known. */
export function interpretFailure({ exit, lines, pictures = [] }: FailedRun): CutroomError {
  const forbidden = findUnsupportedFormat(lines)
  // Sources are probed before; this is a picture beside them.
  if (forbidden)
    return new CutroomError(
      'media.unreadable',
      `A picture cannot be used: its ${forbidden} is not read here.`,
    )
  if (pictures.some((url) => lines.some((line) => line.startsWith(`${url}: Invalid data`))))
    return new CutroomError(
      'media.unreadable',
      'A picture cannot be used: it is damaged, or neither PNG, JPEG nor WebP.',
    )
  const [, code, message] = known(lines) ?? [undefined, 'media.failed' as const, 'ffmpeg failed']
  return new CutroomError(code, `${message} (${exit}).`, { logTail: redactStderr(lines) })
}

/** The code that ffmpeg's lines stand for, though it ended well: it takes an input that fails for one that ends. */
export const errorCodeFromStderr = (lines: string[]): ErrorCode | undefined =>
  known(lines)?.[1] ?? (complainsOfDamage(lines) ? 'media.damaged' : undefined)

const DAMAGE =
  /partial file|ended prematurely|truncat|Invalid data|corrupt|error while decoding|Invalid NAL|Packet mismatch|end of file/i

/** True when ffmpeg's lines complain of what it read. */
const complainsOfDamage = (lines: string[]): boolean => lines.some((line) => DAMAGE.test(line))

// A disk that fills up at the very end leaves ffmpeg 5 ending with 0.
const UNWRITTEN = /Error (writing trailer|closing file)|No space left on device/

/** True when ffmpeg could not write what it made, whatever its exit code says. */
export const hasWriteError = (lines: string[]): boolean => lines.some((line) => UNWRITTEN.test(line))
