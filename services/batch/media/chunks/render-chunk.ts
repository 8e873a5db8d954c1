import { CutroomError, type ErrorCode } from '#shared/errors.ts'
import { requireSourcesShown } from '../execute/check-sources.ts'
import { runPlan } from '../execute/run-plan.ts'
import { errorCodeFromStderr } from '../ffmpeg/interpret-stderr.ts'
import { redactStderr } from '../ffmpeg/redact-stderr.ts'
import type { PlannedPiece } from '../plan/chunks/pieces.ts'
import { planChunk } from '../plan/chunks/plan-chunk.ts'
import { sliceTimeline, type TickRange, videoOnly } from '../plan/chunks/slice-timeline.ts'
import type { PlannedRun } from '../plan/types.ts'
import { fileInput } from '../probe/media-input.ts'
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
 * @throws CutroomError what planning and running throw; `media.wrong_result`, or `media.damaged` where ffmpeg gave that reason,
 * for a piece of another length.
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
  const { run, pieces, reported } = planChunk(context, whole, slice, range)
  const plan = { ...onlyRun(run), reported }
  const result = await runPlan(plan, files, deps, options)
  await requireSourcesShown(plan, result, deps, options.signal)
  for (const piece of pieces) await requireFrames(piece, result.lines, deps, options.signal)
  return pieces
}

/** A plan of one run, whose results are checked elsewhere. */
export const onlyRun = (run: PlannedRun) => ({ runs: [run], outputs: [], texts: [], scratch: [] })

async function requireFrames(
  { piece, path }: PlannedPiece,
  lines: string[],
  { probe }: Pick<RenderDeps, 'probe'>,
  signal: AbortSignal,
): Promise<void> {
  if (piece.kind !== 'video') return
  const { info } = await probe(fileInput(path), signal, { encodedHere: true })
  const frames = info.video?.frames ?? 0
  if (frames === piece.frames) return
  const code: ErrorCode =
    errorCodeFromStderr(lines) ?? (frames < piece.frames ? 'media.damaged' : 'media.wrong_result')
  throw new CutroomError(
    code,
    `A chunk of the result came out with ${frames} frames instead of ${piece.frames} and was discarded.`,
    { logTail: redactStderr(lines.slice(-5)) },
  )
}
