import type { TickRange } from '../../media/plan/chunks/slice-timeline.ts'
import { openFiles } from '../open-files.ts'
import { requireUnchanged } from '../require-unchanged.ts'
import { storePieces } from './stored-pieces.ts'
import { type Attempt, mediaOptions, taskOf, type Work } from './work.ts'

/**
 * Encodes a range of the result's video. Only the sources that are shown in it are opened.
 * @throws CutroomError what opening, encoding and storing throw; `source.changed`.
 */
export async function renderChunk(attempt: Attempt): Promise<Work> {
  const { claim, deps, workspace, signal } = attempt
  const task = taskOf(claim)
  const { range } = claim.params as { range: TickRange }
  const only = deps.media.sourcesOfChunk(task, range)
  const recipe = await deps.sourceHeaders.reveal(claim)
  await using files = await openFiles({ ...claim, recipe }, deps, workspace.dir, signal, only)
  requireUnchanged(task.plan, files)
  return storePieces(await deps.media.renderChunk(task, range, files, mediaOptions(attempt)), attempt)
}
