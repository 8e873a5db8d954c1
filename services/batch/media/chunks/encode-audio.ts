import { checkOutput } from '../execute/check-output.ts'
import { measureFile, measureLoudness as measure } from '../execute/measure-loudness.ts'
import { runPlan } from '../execute/run-plan.ts'
import type { PlannedPiece } from '../plan/chunks/pieces.ts'
import { planAudio } from '../plan/chunks/plan-audio.ts'
import type { MediaInput } from '../probe/media-input.ts'
import type { Loudness } from '../probe/parse-loudness.ts'
import type { MediaFiles, RenderDeps, RenderedFile, RenderOptions } from '../types.ts'
import { onlyRun } from './render-chunk.ts'
import { contextOf, type ExpandedTask, type MeasuredLoudness, timelineOf } from './task-plan.ts'

/** A piece of audio, and what the file that holds it is. */
export type AudioPiece = PlannedPiece & { file: RenderedFile }

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
  const { run, pieces, outputs } = planAudio(context, timelineOf(context))
  const result = await runPlan(onlyRun(run), files, deps, options)
  return Promise.all(
    pieces.map(async (piece, i) => {
      const output = outputs[i]
      if (!output) throw new Error('Every piece of audio belongs to an output.')
      return { ...piece, file: await checkOutput(output, undefined, result, deps, options.signal) }
    }),
  )
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
  const { loudness, assets } = await measure(context, deps, options)
  const clips = Object.entries(assets.clips ?? {}).map(([id, clip]) => [id, clip.loudness])
  return { content: loudness, clips: Object.fromEntries(clips) }
}

/**
 * Measures the loudness of encoded audio; undefined for silence.
 * @throws CutroomError what probing and running throw.
 */
export const measureAudio = async (
  input: MediaInput,
  deps: RenderDeps,
  options: RenderOptions,
): Promise<Loudness | undefined> => measureFile(input, deps, options)
