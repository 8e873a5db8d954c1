import type { Readable } from 'node:stream'
import type { Inspection, InspectionResult } from '#shared/contract/inspect/inspection.ts'
import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { Recipe } from '#shared/contract/recipe.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type {
  ChunkSettings,
  ExpandedJob,
  ExpandedTask,
  MeasuredLoudness,
  RenderExpansion,
} from './chunks/types.ts'
import type { MissingContent } from './execute/missing-content.ts'
import type { MemorySlots } from './ffmpeg/job-memory.ts'
import type { Runner } from './ffmpeg/run-ffmpeg.ts'
import type { Sandbox } from './ffmpeg/sandbox.ts'
import type { PlannedPiece } from './plan/chunks/pieces.ts'
import type { FinishedOutput, OpenedPiece } from './plan/chunks/plan-stitch.ts'
import type { TickRange } from './plan/chunks/slice-timeline.ts'
import type { Plan, PlannedOutput } from './plan/types.ts'
import type { FindX264Build } from './probe/find-x264-build.ts'
import type { MediaInput, MediaLimits } from './probe/media-input.ts'
import type { Loudness } from './probe/parse-loudness.ts'
import type { Probe } from './probe/probe.ts'
import type { FindKeyFrame, FindKeyFrames } from './probe/times/find-key-frame.ts'
import type { FindPackets } from './probe/times/find-packets.ts'
import type { FindUncountedStart } from './probe/times/find-uncounted-start.ts'

/** The settings of media work: `config.media`. */
export type MediaSettings = {
  /** Paths of the tools. */
  ffmpeg: string
  ffprobe: string
  /** Threads of each video encoder; 0: the encoder chooses. */
  threads: number
  /** Wall clock of one ffmpeg run. */
  deadlineMs: number
  /** Memory of all ffmpeg and ffprobe processes of one job; 0: unlimited. */
  memoryBytes: number
  /** Memory of all dry runs together; that of a job when left out. */
  dryRunMemoryBytes?: number
  /** In which all tools run; none when left out. */
  sandbox?: Sandbox | undefined
  /** Processes and threads that the user of the service may run, see ProcessGuard. */
  processes?: number
  limits: MediaLimits
}

/** Media work: `probe` says what a file is, `dryRun` what a recipe would give, `render` carries it out. */
export type MediaEngine = {
  probe(input: MediaInput, signal: AbortSignal): Promise<MediaInfo>
  /** @throws CutroomError what probing and planning throw. */
  dryRun(
    recipe: Recipe,
    files: MediaFiles,
    options: Pick<RenderOptions, 'signal' | 'divide' | 'scratchDir'>,
  ): Promise<ForeseenRender>
  /** What an editor shows of a source; `readMs` limits how long it is read. @throws CutroomError what probing and running throw. */
  inspect: Record<
    Inspection,
    (input: MediaInput, options: InspectOptions & { scratchDir: string }) => Promise<InspectionResult>
  >
  /**
   * @throws CutroomError what probing, planning, running and checking throw; `media.no_free_space` when the scratch
   * space cannot hold the outputs, `media.limits` when they outgrow the job's share of it. A source that could not be
   * read throws its own error in place of ffmpeg's.
   */
  render(recipe: Recipe, files: MediaFiles, options: RenderOptions): Promise<RenderResult>
  /** The indexes of the sources that a chunk shows. */
  sourcesOfChunk(task: ExpandedTask, range: TickRange): number[]
  /** Encodes a chunk of an expanded task. @throws CutroomError what planning, running and checking throw. */
  renderChunk(
    task: ExpandedTask,
    range: TickRange,
    files: MediaFiles,
    options: RenderOptions,
  ): Promise<PlannedPiece[]>
  /** Encodes all audio of an expanded task. @throws CutroomError what planning, running and checking throw. */
  encodeAudio(
    task: ExpandedTask,
    loudness: MeasuredLoudness | undefined,
    files: MediaFiles,
    options: RenderOptions,
  ): Promise<AudioPiece[]>
  /** Measures the loudness of what an expanded task plays. @throws CutroomError what running throws. */
  measureLoudness(task: ExpandedTask, files: MediaFiles, options: RenderOptions): Promise<MeasuredLoudness>
  /** Measures the loudness of a file; undefined for silence. @throws CutroomError what probing and running throw. */
  measureAudio(input: MediaInput, options: RenderOptions): Promise<Loudness | undefined>
  /** Joins the pieces of an expanded task. @throws CutroomError what running and checking throw. */
  stitch(
    task: ExpandedTask,
    pieces: OpenedPiece[],
    loudness: Map<number, Loudness | null>,
    options: RenderOptions,
  ): Promise<StitchResult>
}

/**
 * The files that a recipe works on: one for each of its sources, in order; and by upload id the images and clips that
 * it names beside them (`assetUploads` lists the ids).
 */
export type MediaFiles = {
  sources: MediaInput[]
  images: Record<string, MediaInput>
  clips?: Record<string, MediaInput>
}

export type RenderOptions = {
  /** An existing, empty directory for the outputs. */
  outputDir: string
  /** All scratch space of the job, `outputDir` within it; `outputDir` itself when left out. */
  scratchDir?: string
  signal: AbortSignal
  /** Wall clock of each ffmpeg run; the setting when left out. */
  deadlineMs?: number
  /** Receives whole per cent, 0 to 100, never falling. */
  onProgress?: (percent: number) => void
  /** Receives what is about to be rendered. What it throws ends the render. */
  onPlan?: (planned: PlannedRender) => void
  /** Stores outputs while they are being written; without it all of them stay in `outputDir`. */
  send?: StreamOutput
  /** Receives what the outputs lack of their sources, once they are finished. */
  onMissing?: (missing: MissingContent) => void
  /** Where a run that needs more memory than one slot has gets it; without it there is no more. */
  slots?: MemorySlots | undefined
  /** Divides work that would take long in place of rendering it; without it everything is rendered. */
  divide?: ChunkSettings | undefined
}

/** What each source is, and the checked outputs; none when the work was divided into an `expansion`. */
export type RenderResult = { sources: MediaInfo[]; outputs: RenderedFile[]; expansion?: RenderExpansion }

/** A piece of audio, and what the file that holds it is. */
export type AudioPiece = PlannedPiece & { file: RenderedFile }

/**
 * The files that were stitched; those that a job had finished, which are still where it left them; and the names of all in
 * the order in which a result lists them.
 */
export type StitchResult = { files: RenderedFile[]; finished: FinishedOutput[]; order: string[] }

/** What a render is going to be: its sources as probed, and its plan. */
export type PlannedRender = { sources: MediaInfo[]; plan: Plan }

/** A planned render, and the jobs that it would be divided into, if it would be. */
export type ForeseenRender = PlannedRender & { jobs?: ExpandedJob[] | undefined }

/**
 * A finished, checked output. It lies at `path`, unless it was `sent`: then it is in the store already. Seconds and
 * display pixels as probed, null where it has none.
 */
export type RenderedFile = {
  name: string
  path: string
  sent?: true
  content_type: string
  bytes: number
  seconds: number | null
  width: number | null
  height: number | null
  fps: number | null
  video_codec: string | null
  audio_codec: string | null
  /** Measured in the file when the recipe normalizes; null for silence. */
  loudness?: Loudness | null
}

/**
 * Stores an output while it is being written, all or nothing: when the body fails, no object must appear. Rejects with
 * the body's own error, or with the store's.
 */
export type StreamOutput = (
  output: Pick<PlannedOutput, 'name' | 'contentType'>,
  body: Readable,
) => Promise<SentOutput>

/** An output in the store: its size, a way to inspect it there, and its removal. */
export type SentOutput = {
  bytes: number
  inspect<T>(use: (input: MediaInput) => Promise<T>): Promise<T>
  remove(): Promise<void>
}

/** `readMs`: after so long a file counts as too long, and what was read of it is the result. */
export type InspectOptions = { signal: AbortSignal; readMs: number }

/** What rendering needs. */
export type RenderDeps = {
  probe: Probe
  findX264Build: FindX264Build
  findUncountedStart: FindUncountedStart
  findKeyFrame: FindKeyFrame
  findKeyFrames: FindKeyFrames
  findPackets: FindPackets
  runner: Runner
  /** Whether this ffmpeg can convert HDR and wide gamuts to BT.709 SDR. */
  canConvertColours: () => Promise<boolean>
  settings: MediaSettings
  log: Logger
}
