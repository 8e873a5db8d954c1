import { decodeAfterFailure, decodeKnownChanges } from '../execute/decode-audio.ts'
import { executePlan } from '../execute/execute-plan.ts'
import { measureLoudness as measure } from '../execute/measure-loudness.ts'
import { planAudio } from '../plan/chunks/plan-audio.ts'
import type { PlanContext } from '../plan/types.ts'
import type { AudioPiece, MediaFiles, RenderDeps, RenderOptions } from '../types.ts'
import { contextOf, timelineOf } from './task-plan.ts'
import type { ExpandedTask, MeasuredLoudness } from './types.ts'

/**
 * Encodes all audio of a result and checks it.
 * @throws CutroomError what planning, running and checking throw.
 */
export async function encodeAudio(
  task: ExpandedTask,
  loudness: MeasuredLoudness | undefined,
  files: MediaFiles,
  deps: RenderDeps,
  options: RenderOptions,
): Promise<AudioPiece[]> {
  const context = contextOf(task, files, deps.settings, options.outputDir, loudness)
  return withDecodedAudio(context, files, deps, options, async (decoded) => {
    const { plan, pieces } = planAudio(decoded, timelineOf(decoded))
    const checked = await executePlan(plan, files, deps, options)
    return pieces.flatMap((piece, i) => (checked[i] ? [{ ...piece, file: checked[i] }] : []))
  })
}

/**
 * Measures the loudness of the content and of the bumper clips, before the audio is encoded.
 * @throws CutroomError what running throws.
 */
export async function measureLoudness(
  task: ExpandedTask,
  files: MediaFiles,
  deps: RenderDeps,
  options: RenderOptions,
): Promise<MeasuredLoudness> {
  const context = contextOf(task, files, deps.settings, options.outputDir)
  return withDecodedAudio(context, files, deps, options, async (decoded) => {
    const { loudness, assets } = await measure(decoded, deps, options)
    const clips = Object.entries(assets.clips ?? {}).map(([id, clip]) => [id, clip.loudness])
    return { content: loudness, clips: Object.fromEntries(clips) }
  })
}

/** Works with audio that changes its format on the way once that is decoded, also when only the work shows the change. */
async function withDecodedAudio<T>(
  context: PlanContext,
  files: MediaFiles,
  deps: RenderDeps,
  options: RenderOptions,
  work: (decoded: PlanContext) => Promise<T>,
): Promise<T> {
  const quiet = { signal: options.signal, ...(options.deadlineMs && { deadlineMs: options.deadlineMs }) }
  const attempt = async (decoded: PlanContext): Promise<T> => {
    try {
      return await work(decoded)
    } catch (error) {
      const more = await decodeAfterFailure(error, decoded, files, deps, quiet)
      if (!more) throw error
      return attempt(more)
    }
  }
  return attempt(await decodeKnownChanges(context, files, deps, quiet))
}
