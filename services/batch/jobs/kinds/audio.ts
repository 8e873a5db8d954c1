import type { MeasuredLoudness } from '../../media/chunks/types.ts'
import type { MissingContent } from '../../media/execute/missing-content.ts'
import type { Loudness } from '../../media/probe/parse-loudness.ts'
import { openPlannedFiles } from './planned-files.ts'
import { piecesOf, storePieces } from './stored-pieces.ts'
import { type Attempt, mediaOptions, taskOf, type Work } from './work.ts'

/** What a job `measure` found: the loudness of the content, or of each output's audio. */
export type MeasureResult =
  | { content: MeasuredLoudness }
  | { outputs: { output: number; loudness: Loudness | null }[] }

/**
 * Encodes all audio of the result.
 * @throws CutroomError what opening, encoding and storing throw; `source.changed`.
 */
export async function encodeAudio(attempt: Attempt): Promise<Work> {
  const { claim, deps } = attempt
  const task = taskOf(claim)
  const results = await deps.jobs.results(claim.taskId)
  const measured = results.find(({ kind }) => kind === 'measure')?.result as MeasureResult | undefined
  const loudness = measured && 'content' in measured ? measured.content : undefined
  await using files = await openPlannedFiles(attempt)
  const missing: MissingContent[] = []
  const options = { ...mediaOptions(attempt), onMissing: (found: MissingContent) => missing.push(found) }
  return storePieces(await deps.media.encodeAudio(task, loudness, files, options), attempt, missing)
}

/**
 * Measures loudness: of the content before its audio is encoded, or of the audio once it is.
 * @throws CutroomError what opening and measuring throw; `source.changed`.
 */
export async function measureLoudness(attempt: Attempt): Promise<Work> {
  const { claim, deps } = attempt
  const { of } = claim.params as { of: 'content' | 'result' }
  const result = of === 'content' ? await measureContent(attempt) : await measureResult(attempt)
  return { record: () => deps.jobs.complete(claim, result), discard: async () => {} }
}

async function measureContent(attempt: Attempt): Promise<MeasureResult> {
  const { claim, deps } = attempt
  await using files = await openPlannedFiles(attempt)
  return { content: await deps.media.measureLoudness(taskOf(claim), files, mediaOptions(attempt)) }
}

async function measureResult(attempt: Attempt): Promise<MeasureResult> {
  const { claim, deps, workspace, signal } = attempt
  const outputs: { output: number; loudness: Loudness | null }[] = []
  for (const { piece, key } of piecesOf(await deps.jobs.results(claim.taskId))) {
    if (piece.kind !== 'audio') continue
    await using source = await deps.sources.open({ key }, workspace.dir, signal)
    const loudness = await deps.media.measureAudio(source.input, mediaOptions(attempt))
    outputs.push({ output: piece.output, loudness: loudness ?? null })
  }
  return { outputs }
}
