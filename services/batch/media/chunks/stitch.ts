import { writeFile } from 'node:fs/promises'
import { hasParts } from '#shared/contract/recipe.ts'
import { executePlan } from '../execute/execute-plan.ts'
import { requireFreeSpace } from '../execute/free-space.ts'
import { addLoudness } from '../execute/measure-loudness.ts'
import { type OpenedPiece, planStitch } from '../plan/chunks/plan-stitch.ts'
import { fileName } from '../plan/outputs.ts'
import type { Loudness } from '../probe/parse-loudness.ts'
import type { RenderDeps, RenderOptions, StitchResult } from '../types.ts'
import { contextOf, timelineOf } from './task-plan.ts'
import type { ExpandedTask } from './types.ts'

/**
 * Joins the pieces of a result and checks every file. Nothing is encoded. `loudness`: what was measured of each output's
 * audio, by its index.
 * @throws CutroomError `media.no_free_space`, and what running and checking throw.
 */
export async function stitch(
  task: ExpandedTask,
  pieces: OpenedPiece[],
  loudness: Map<number, Loudness | null>,
  deps: RenderDeps,
  options: RenderOptions,
): Promise<StitchResult> {
  const context = contextOf(task, { sources: [], images: {} }, deps.settings, options.outputDir)
  const plan = planStitch(context, timelineOf(context), pieces)
  await requireFreeSpace(options.outputDir, bytesToWrite(pieces))
  for (const { path, text } of plan.lists) await writeFile(path, text)
  const opened = { sources: pieces.map(({ input }) => input), images: {} }
  const files = await executePlan(plan, opened, deps, options)
  if (hasParts(task.recipe) && task.recipe.audio === 'normalize') await addLoudness(files, deps, options)
  for (const [index, measured] of loudness) {
    const output = context.outputs[index]
    const file = files.find(({ name }) => output && name === fileName(output))
    if (file) file.loudness = measured
  }
  return { files, finished: plan.finished, order: plan.order }
}

/** About how many bytes the stitched files have: those of the video and audio that they are copied from. */
const bytesToWrite = (pieces: OpenedPiece[]): number =>
  pieces.reduce(
    (sum, { piece, input }) =>
      piece.kind === 'video' || piece.kind === 'audio' ? sum + (input.version?.bytes ?? 0) : sum,
    0,
  )
