import { availableParallelism } from 'node:os'
import { estimateMemory } from '../estimate/estimate-memory.ts'
import { isMissingStart } from '../execute/check-sources.ts'
import { executePlan } from '../execute/execute-plan.ts'
import type { PlannedPiece } from '../plan/chunks/pieces.ts'
import { planChunk } from '../plan/chunks/plan-chunk.ts'
import { sliceTimeline, type TickRange, videoOnly } from '../plan/chunks/slice-timeline.ts'
import { decodedEarlier, entryOf } from '../plan/seek.ts'
import type { Timeline } from '../plan/timeline.ts'
import type { Plan } from '../plan/types.ts'
import type { MediaFiles, RenderDeps, RenderOptions } from '../types.ts'
import { findEntries } from './find-entries.ts'
import { contextOf, timelineOf } from './task-plan.ts'
import type { ExpandedTask } from './types.ts'

/** The indexes of the sources that a chunk shows. */
export function sourcesOfChunk(
  task: ExpandedTask,
  range: TickRange,
  settings: RenderDeps['settings'],
): number[] {
  const context = contextOf(task, { sources: [], images: {} }, settings, '.')
  const shown = sliceTimeline(timelineOf(context), range).content
  return context.sources.flatMap(({ info }, i) => (shown.some((clip) => clip.info === info) ? [i] : []))
}

/**
 * Encodes a chunk, and checks that each of its pieces has exactly the frames that it should have.
 * @throws CutroomError what planning, running and checking throw.
 */
export async function renderChunk(
  task: ExpandedTask,
  range: TickRange,
  files: MediaFiles,
  deps: RenderDeps,
  options: RenderOptions,
): Promise<PlannedPiece[]> {
  const context = contextOf(task, files, deps.settings, options.outputDir)
  const whole = timelineOf(context)
  const sliced = videoOnly(sliceTimeline(whole, range))
  const probeOf = ({ info }: { info: unknown }) => {
    const found = task.plan.sources.find((source) => source.info === info)
    if (!found) throw new Error('A clip of the content has a source.')
    return found
  }
  const slice = await findEntries(sliced, probeOf, deps.findKeyFrame, options.signal)
  const execute = (plan: Plan) => {
    const decoded = slice.inputs.flatMap((input) => (input.kind === 'source' ? [input.info] : []))
    const memoryBytes = estimateMemory(plan, decoded, availableParallelism())
    return executePlan(plan, files, deps, { ...options, memoryBytes })
  }
  const { plan, pieces } = planChunk(context, whole, slice, range)
  try {
    await execute(plan)
    return pieces
  } catch (error) {
    if (!isMissingStart(error)) throw error
    const earlier = planChunk(context, whole, decodedFromEarlier(slice), range)
    await execute(earlier.plan)
    return earlier.pieces
  }
}

/** A slice whose sources are decoded from long before the first wanted frames. */
function decodedFromEarlier(slice: Timeline): Timeline {
  const content = slice.content.map((clip) => decodedEarlier(clip, entryOf(clip)))
  const earlier = new Map(content.map(({ input, keyFrame, times }) => [input, { keyFrame, times }]))
  const inputs = slice.inputs.map((input, i) =>
    input.kind === 'source' ? { ...input, ...earlier.get(i) } : input,
  )
  return { ...slice, content, inputs }
}
