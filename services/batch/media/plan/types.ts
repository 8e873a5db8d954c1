import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { Frame, Output, Recipe } from '#shared/contract/recipe.ts'
import type { Input } from '../ffmpeg/command-line.ts'
import type { MediaInput, MediaLimits } from '../probe/media-input.ts'
import type { Loudness } from '../probe/parse-loudness.ts'
import type { TimeMap } from '../probe/times/time-map.ts'
import type { AudioEncoding, Matrix, Muxer, VideoEncoding } from './encoders.ts'
import type { Rate } from './frame-rate.ts'
import type { Size } from './geometry.ts'

/**
 * A source with its probe result: `times` where they had to be measured, `keyFrame` where ffmpeg must seek to before the
 * start of its trim, `decodedAudio` when its audio was decoded ahead. A bumper clip also has its loudness, when the recipe
 * normalizes.
 */
export type ProbedSource = {
  input: MediaInput
  info: MediaInfo
  times?: TimeMap | undefined
  hasEvenFrames?: boolean
  keyFrame?: number | undefined
  decodedAudio?: DecodedAudio | undefined
  loudness?: Loudness | undefined
}

/** A file with the audio of a source in one format, and the second of the source with which it starts. */
export type DecodedAudio = { file: MediaInput; from: number }

/** The seconds of a source that are kept; `whole` when that is all of them. */
export type TrimRange = { start: number; seconds: number; whole: boolean }

/**
 * A source that is read from a range on. `skip`: how much of the range is passed over: reading begins with the frame that
 * is on screen then, and timestamps still count from the start of the range. `times` when they had to be measured.
 * `keyFrame`: a place from which decoding shows all that is wanted, when that is not where the wanted frames start.
 */
export type SoughtSource = {
  info: MediaInfo
  range: TrimRange
  skip?: Skip | undefined
  times?: TimeMap | undefined
  keyFrame?: number | undefined
}

/** The beginning of a clip that is left out: ticks of the timeline, and how long they last. */
export type Skip = { ticks: number; seconds: number }

/** The built-in logo, and the user's images and bumper clips by upload id. */
export type Assets = {
  logo: MediaInput
  images: Record<string, MediaInput>
  clips?: Record<string, ProbedSource>
}

/** Everything that a plan depends on. Two plans of equal contexts are equal. */
export type PlanContext = {
  recipe: Recipe
  /** The outputs that the recipe asks for, defaults included. */
  outputs: Output[]
  /** One for each source of the recipe, in order. */
  sources: ProbedSource[]
  assets: Assets
  /** Measured loudness of the content; undefined when it is silent, or the recipe does not normalize. */
  loudness?: Loudness | undefined
  /** Directory for the outputs. */
  outputDir: string
  limits: MediaLimits
  /** Threads of each video encoder; 0: the encoder chooses. */
  threads: number
  /** Whether this ffmpeg can convert HDR and wide gamuts to BT.709 SDR. */
  canConvertColours: boolean
  /** Sources are decoded from long before their trims, see `decodedEarlier`. */
  decodesEarlier?: boolean
}

/** What every video frame is brought to before clips are joined. */
export type Canvas = Size & {
  rate: Rate
  matrix: Matrix
  fit: Frame['fit']
  /** Which part a crop keeps: shares of what it cuts off on the left and at the top. */
  position: { x: number; y: number }
  background: string
  upscale: boolean
}

/** What all audio is brought to before clips are joined: Hz, channels. */
export type AudioFormat = { rate: number; channels: 1 | 2 }

/**
 * What a recipe's sources are brought to; null for a kind of stream that the result does not have. Lengths are counted
 * in ticks of `rate`: frames, or samples when there is audio alone.
 */
export type Target = { canvas: Canvas | null; audio: AudioFormat | null; rate: Rate }

/**
 * What the probe of an audio or video file must find: seconds, pixels, frames per second; null: not checked. Codecs are
 * given for copied streams, whose container may have claimed a wrong one.
 */
export type Expected = {
  seconds: number
  /** Frames of the video, give or take; null: not checked, as when the container that is copied has no exact count. */
  frames: { count: number; tolerance: number } | null
  width: number | null
  height: number | null
  fps: number | null
  hasVideo: boolean
  hasAudio: boolean
  videoCodec?: string | undefined
  audioCodec?: string | undefined
}

/** How the streams of a file come about: by encoding, by stream copy, or not at all. */
export type Encodings = { video: VideoEncoding | 'copy' | null; audio: AudioEncoding | 'copy' | null }

/** A file of the result. Its encodings are those of the whole plan: a part that is muxed by copy was encoded before. */
export type PlannedOutput = Encodings & {
  name: string
  path: string
  contentType: string
  /** Null for images and text. */
  expected: Expected | null
  /** Of an image, in pixels. */
  size?: Size
  /** Whether it can be sent while it is being written. */
  streams: boolean
}

/** A file that a run writes. `maps`: its streams, as `-map` takes them. */
export type PlannedFile = Encodings & {
  path: string
  maps: string[]
  muxer: Muxer
  /** Bytes at which ffmpeg ends a file of the result. Null for images, and for files between runs. */
  maxBytes: number | null
  /** Seconds after which it ends, when its streams do not end by themselves. */
  seconds?: number
}

/** One run of ffmpeg, whose arguments `toRun` derives. `seconds`: how much it writes, for its progress. */
export type PlannedRun = { inputs: Input[]; graph: string; files: PlannedFile[]; seconds: number }

/** A text file that is written beside ffmpeg's files. */
export type TextFile = { path: string; text: string }

/**
 * A stream of a source or bumper clip, called `of`, whose frames the runs report under `id`: what of the stream `index` of
 * `file` should reach the filter graph is known from its range, its `times` where they were measured, and the file itself.
 */
export type ReportedStream = {
  id: string
  kind: 'video' | 'audio'
  /** The index of its source among the recipe's; null for a bumper clip. */
  source: number | null
  file: MediaInput
  index: number
  range: TrimRange
  /** Where the range starts on the clock of the reports: seconds. */
  offset: number
  /** Whether its clip goes on before and behind the range, in other chunks. */
  continued?: { before: boolean; behind: boolean }
  times?: TimeMap | undefined
  /** Of the source's video. */
  fps?: number | undefined
  /** Of the source's audio: Hz. */
  sampleRate?: number | undefined
  /** Where the audio ends by what the container states exactly: seconds from the source's beginning. */
  statedEnd?: number | undefined
}

/** Everything that will be done for a recipe, and what must come of it. Nothing has happened yet. */
export type Plan = {
  runs: PlannedRun[]
  outputs: PlannedOutput[]
  texts: TextFile[]
  /** Files between runs, removed afterwards. */
  scratch: string[]
  /** What is checked of the sources; nothing when streams are copied. */
  reported?: ReportedStream[]
}

/** The plan to carry out, and the one that re-encodes should a stream copy fail; null when nothing is copied. */
export type RenderPlans = { preferred: Plan; fallback: Plan | null }
