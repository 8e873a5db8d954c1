import { writeFile } from 'node:fs/promises'
import { checkOutput } from '../execute/check-output.ts'
import { runPlan } from '../execute/run-plan.ts'
import { type FinishedOutput, planStitch, type StoredPiece } from '../plan/chunks/plan-stitch.ts'
import type { RenderDeps, RenderedFile, RenderOptions } from '../types.ts'
import { contextOf, type ExpandedTask, timelineOf } from './task-plan.ts'

/** The files that were stitched, and those that a job had finished: these are still where that job left them. */
export type StitchResult = { files: RenderedFile[]; finished: FinishedOutput[] }

/**
 * Joins the pieces of a result and checks every file. Nothing is encoded.
 * @throws CutroomError what running and checking throw.
 */
export async function stitch(
  task: ExpandedTask,
  pieces: StoredPiece[],
  deps: RenderDeps,
  options: RenderOptions,
): Promise<StitchResult> {
  const context = contextOf(task, { sources: [], images: {} }, deps.settings, options.outputDir)
  const plan = planStitch(context, timelineOf(context), pieces)
  for (const { path, text } of plan.lists) await writeFile(path, text)
  const files = { sources: pieces.map(({ input }) => input), images: {} }
  const result = await runPlan(plan, files, deps, options)
  const checked = plan.outputs.map((output) => checkOutput(output, undefined, result, deps, options.signal))
  return { files: await Promise.all(checked), finished: plan.copies }
}
