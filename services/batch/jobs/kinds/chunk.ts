import type { MissingContent } from '../../media/execute/missing-content.ts'
import type { TickRange } from '../../media/plan/chunks/slice-timeline.ts'
import { openPlannedFiles } from './planned-files.ts'
import { storePieces } from './stored-pieces.ts'
import { type Attempt, mediaOptions, taskOf, type Work } from './work.ts'

/**
 * Encodes a range of the result's video. Only the sources that are shown in it are opened.
 * @throws CutroomError what opening, encoding and storing throw; `source.changed`.
 */
export async function renderChunk(attempt: Attempt): Promise<Work> {
  const { claim, deps } = attempt
  const task = taskOf(claim)
  const { range } = claim.params as { range: TickRange }
  await using files = await openPlannedFiles(attempt, deps.media.sourcesOfChunk(task, range))
  const missing: MissingContent[] = []
  const options = { ...mediaOptions(attempt), onMissing: (found: MissingContent) => missing.push(found) }
  return storePieces(await deps.media.renderChunk(task, range, files, options), attempt, missing)
}
