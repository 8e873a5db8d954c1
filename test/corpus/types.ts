import type { RequestListener } from 'node:http'
import type { ErrorCode } from '#shared/error-catalogue.ts'

/**
 * A generated file: what ffmpeg writes from arguments, among which other inputs stand for their paths, or what an edit
 * leaves of the bytes of other inputs. Cases that share an input share its file.
 */
export type Input =
  | { extension: string; args: (string | Input)[] }
  | { extension: string; from: Input[]; edit: (...files: Buffer[]) => Buffer }

/** How a host serves the bytes of a file. A new listener for each case, so that it may count requests. */
export type Habit = (bytes: Buffer) => RequestListener

/** One thing that people send, and what has to come out. */
export type CorpusCase = {
  /** Unique; for `--only`. */
  id: string
  /** The input and the recipe, as a row of docs/compatibility.md. */
  title: string
  /** Public reports of such files, as `owner/repository#number`. */
  reports?: string
  /** The sources. */
  inputs: Input[]
  /** The trims of the sources. */
  trims?: ({ start?: number; duration?: number } | undefined)[]
  /** The recipe without its sources, or the name of a preset. `{ upload_id: '$name' }` stands for an asset. */
  recipe: object | 'convert' | 'reel' | 'parts' | 'mp3'
  assets?: Record<string, Input>
  /** Serves the first source at a URL instead of uploading it; `path` follows the host's name. */
  host?: { habit: Habit; path?: string }
  right: Right
}

export type Right = RightResult | RightError

/** The task fails with this code after so many attempts: 1, unless another number is given. */
export type RightError = { code: ErrorCode; message?: RegExp; attempts?: number }

/** The task succeeds, and its first output is like this. What is left out is not checked. */
export type RightResult = FileFacts & {
  /** Other outputs, by name. */
  also?: Record<string, FileFacts>
  /** Duration of the first source as the task shows it, in seconds; within 0.15. */
  sourceSeconds?: number
  /** The codes of all warnings about the first source. */
  warnings?: string[]
}

/** Right values of a rendered file. */
export type FileFacts = {
  /** Duration of the file and of each of its streams. */
  seconds?: number
  /** Tolerance of the durations in seconds; 0.1 by default. */
  within?: number
  streams?: 'video' | 'audio' | 'both'
  videoCodec?: string
  audioCodec?: string
  fps?: number
  /** For frames that come unevenly: the rate at which they come while something moves. */
  fpsAtLeast?: number
  /** Such as 320x180. */
  size?: string
  channels?: number
  /** What every frame of a time range shows; see `plays` and `stands`. */
  scenes?: Scene[]
  /** Tolerance of frame numbers; 1 by default. */
  framesWithin?: number
  /** Seconds at which the flashes and beeps of the test clip begin, all of them; in sync where there are both. */
  beats?: number[]
  /** Tolerance of beats in seconds; 0.06 by default. */
  beatsWithin?: number
  /** Flashes and beeps are in sync, wherever they are. */
  inSync?: true
  /** The colours of equal columns, from the left, at a time in seconds, as hexadecimal RGB within so many code values. */
  colours?: { at?: number; patches: string[]; within: number }
  /** Highest sample peak in dBFS. */
  peakBelow?: number
  /** RMS level in dBFS, within 1 dB. */
  level?: number
  /** Integrated loudness in LUFS, within 1. */
  loudness?: number
}

/** From `start` to `end`, in seconds, the frame `first` and those after it, `rate` a second; 0 for a frame that stands. */
export type Scene = { start: number; end: number; first: number; rate: number }

/** The cases of one kind, as a section of docs/compatibility.md. */
export type Kind = { title: string; cases: CorpusCase[] }
