import type { Recipe } from '#shared/contract/recipe.ts'
import type { TickRange } from '../plan/chunks/slice-timeline.ts'
import type { FileVersion } from '../probe/media-input.ts'
import type { Loudness } from '../probe/parse-loudness.ts'
import type { ProbeResult } from '../probe/probe.ts'

/**
 * What the jobs of an expanded task have in common, recorded once: with the recipe it decides every frame and sample of the
 * result, so that a job gives the same wherever and whenever it runs. JSON in the task's row.
 */
export type TaskPlan = {
  sources: ProbeResult[]
  /** Bumper clips, by upload id. */
  clips: Record<string, ProbeResult>
  /** What each source was known by when it was probed; see `MediaInput.version`. */
  versions: (FileVersion | null)[]
  canConvertColours: boolean
  /** Threads of each video encoder. Encoders give other bits with another number. */
  threads: number
  /** The chunks. */
  ranges: TickRange[]
  /** For each source whose host does not support range requests: the key of the object that holds a copy of it. */
  copies?: (string | null)[]
}

/** Loudness that was measured before the audio is encoded, of the content and of the bumper clips by upload id. */
export type MeasuredLoudness = { content?: Loudness | undefined; clips: Record<string, Loudness | undefined> }

/** A task that was expanded: what its user asked for, and what was decided about it. */
export type ExpandedTask = { recipe: Recipe; plan: TaskPlan }

/** `seconds`: wall clock that one chunk should take on a worker. `cores`: what a job there has to itself. */
export type ChunkSettings = { seconds: number; cores: number; threads: number }

/** What a job of an expanded task works on. `range` counts ticks of the content. */
export type ExpandedJob = { weight: number; unblocks: number | null } & (
  | { kind: 'chunk'; params: { range: TickRange } }
  | { kind: 'audio' | 'stitch'; params: Record<string, never> }
  | { kind: 'measure'; params: { of: 'content' | 'result' } }
)

/** A render that is divided among jobs: what they have in common, and the jobs. `unblocks` is an index among them. */
export type RenderExpansion = { plan: TaskPlan; jobs: ExpandedJob[] }
