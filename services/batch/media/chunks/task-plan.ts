import { outputsOf, type Recipe } from '#shared/contract/recipe.ts'
import { LOGO } from '../logo.ts'
import type { TickRange } from '../plan/chunks/slice-timeline.ts'
import { chooseTarget } from '../plan/target.ts'
import { layOutTimeline, type Timeline } from '../plan/timeline.ts'
import type { PlanContext, ProbedSource } from '../plan/types.ts'
import type { FileVersion, MediaInput } from '../probe/media-input.ts'
import type { Loudness } from '../probe/parse-loudness.ts'
import type { ProbeResult } from '../probe/probe.ts'
import type { MediaFiles, MediaSettings } from '../types.ts'

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
}

/** Loudness that was measured before the audio is encoded, of the content and of the bumper clips by upload id. */
export type MeasuredLoudness = { content?: Loudness | undefined; clips: Record<string, Loudness | undefined> }

/** A task that was expanded: what its user asked for, and what was decided about it. */
export type ExpandedTask = { recipe: Recipe; plan: TaskPlan }

/** A file that a job did not open, because it works on other ones. */
export const NOT_OPENED: MediaInput = { url: 'file:/nonexistent/not-opened', inputOptions: [] }

/** The context in which each job of an expanded task plans. */
export function contextOf(
  { recipe, plan }: ExpandedTask,
  files: MediaFiles,
  { limits }: Pick<MediaSettings, 'limits'>,
  outputDir: string,
  loudness?: MeasuredLoudness,
): PlanContext {
  const probed = ({ info, times }: ProbeResult, input = NOT_OPENED): ProbedSource => ({ input, info, times })
  const clips = Object.entries(plan.clips).map(([id, clip]): [string, ProbedSource] => [
    id,
    { ...probed(clip, files.clips?.[id]), loudness: loudness?.clips[id] },
  ])
  return {
    recipe,
    outputs: outputsOf(recipe),
    sources: plan.sources.map((source, i) => probed(source, files.sources[i])),
    assets: { logo: LOGO, images: files.images, clips: Object.fromEntries(clips) },
    loudness: loudness?.content,
    outputDir,
    limits,
    threads: plan.threads,
    canConvertColours: plan.canConvertColours,
  }
}

/** The timeline of the whole result. */
export const timelineOf = (context: PlanContext): Timeline => layOutTimeline(context, chooseTarget(context))
