import type { Input } from './command-line.ts'

/** What identifies and describes an input in ffmpeg's messages. */
export type NamedInput = Pick<Input, 'source' | 'image' | 'bumper'>

/** How ffmpeg names the input of a stream that it could not decode or demux; versions differ. */
const NUMBERED_INPUT =
  /(?:Cannot determine format of input stream |(?:Error while decoding|decoded data for) stream #|\[(?:[av]?ist|in)#|_in_)(\d+)[:_/ ]/

/** ffmpeg says so in one line that begins with the URL, and since version 7 in two, of which the second ends with it. */
const opensInvalid = (url: string, lines: string[]): boolean =>
  lines.some(
    (line, i) =>
      line.startsWith(`${url}: Invalid data`) ||
      (line.startsWith(`Error opening input file ${url}.`) && /: Invalid data/.test(lines[i - 1] ?? '')),
  )

/** The inputs that ffmpeg's messages are about; empty when they name none. */
export function failedInputs<T extends NamedInput>(lines: string[], inputs: readonly T[]): T[] {
  const numbers = new Set(lines.map((line) => Number(NUMBERED_INPUT.exec(line)?.[1])))
  return inputs.filter((input, i) => numbers.has(i) || opensInvalid(input.source, lines))
}

/** What a message calls the input that a run failed with. */
export type FailedSubject = 'source' | 'bumper clip' | 'source or a bumper clip'

/** "the source", or "a source or a bumper clip" when it may be either. */
export const withArticle = (subject: FailedSubject): string =>
  subject === 'source or a bumper clip' ? `a ${subject}` : `the ${subject}`

/** Whether a run failed with a source or with a bumper clip, as far as ffmpeg's messages show it. */
export function failedSubject(lines: string[], inputs: readonly NamedInput[]): FailedSubject {
  const named = failedInputs(lines, inputs).filter(({ image }) => !image)
  const candidates = named.length > 0 ? named : inputs.filter(({ image }) => !image)
  const bumpers = candidates.filter(({ bumper }) => bumper)
  if (bumpers.length === 0) return 'source'
  return bumpers.length === candidates.length ? 'bumper clip' : 'source or a bumper clip'
}

/** The cause of a run that ended because the audio of an input, given by its source, changed its parameters on the way. */
export class AudioChange {
  readonly source: string
  constructor(source: string) {
    this.source = source
  }
}

/** How ffmpeg names the stream at the entrance of a graph that was not to be started anew. */
const CHANGED_AUDIO = /\[graph_-?\d+_in_(\d+)[_:]\d+ @ \w+\] Changing audio frame properties/

/** The change of audio that ended a run, when that was the reason. */
export function audioChangeOf(lines: string[], inputs: readonly NamedInput[]): AudioChange | undefined {
  const number = lines.map((line) => CHANGED_AUDIO.exec(line)?.[1]).find((found) => found !== undefined)
  const input = number === undefined ? undefined : inputs[Number(number)]
  return input && new AudioChange(input.source)
}
