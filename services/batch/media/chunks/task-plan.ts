import { assetUploads, outputsOf } from '#shared/contract/recipe.ts'
import { LOGO } from '../logo.ts'
import { chooseTarget } from '../plan/target.ts'
import { layOutTimeline, type Timeline } from '../plan/timeline.ts'
import type { PlanContext, ProbedSource } from '../plan/types.ts'
import type { MediaInput } from '../probe/media-input.ts'
import type { ProbeResult } from '../probe/probe.ts'
import type { MediaFiles, MediaSettings } from '../types.ts'
import type { ExpandedTask, MeasuredLoudness } from './types.ts'

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
  const images = Object.fromEntries(assetUploads(recipe).images.map((id) => [id, NOT_OPENED]))
  return {
    recipe,
    outputs: outputsOf(recipe),
    sources: plan.sources.map((source, i) => probed(source, files.sources[i])),
    assets: { logo: LOGO, images: { ...images, ...files.images }, clips: Object.fromEntries(clips) },
    loudness: loudness?.content,
    outputDir,
    limits,
    threads: plan.threads,
    canConvertColours: plan.canConvertColours,
  }
}

/** The timeline of the whole result. */
export const timelineOf = (context: PlanContext): Timeline => layOutTimeline(context, chooseTarget(context))
