import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { JobResult } from '#shared/tasks/graph/complete-job.ts'
import { WITHOUT_STREAMS } from '../../media/execute/check-output.ts'
import type { MissingContent } from '../../media/execute/missing-content.ts'
import type { Piece, PlannedPiece } from '../../media/plan/chunks/pieces.ts'
import type { RenderedFile } from '../../media/types.ts'
import { storeOutputs } from '../store-outputs.ts'
import type { Attempt, Work } from './work.ts'

/** A piece in storage; of audio, also what its file is. JSON in the job's row. */
export type StoredPiece = { piece: Piece; key: string; bytes: number; file?: RenderedFile | undefined }

/** The result of a job that leaves pieces, and what they lack of their sources. */
export type PiecesResult = { pieces: StoredPiece[]; missing?: MissingContent[] }

/**
 * Stores the pieces of an attempt, as the job's result.
 * @throws CutroomError what the storage throws.
 */
export async function storePieces(
  planned: (PlannedPiece & { file?: RenderedFile })[],
  { claim, deps, signal }: Attempt,
  missing: MissingContent[],
): Promise<Work> {
  const rendered = await Promise.all(planned.map(toRenderedFile))
  const { outputs, discard } = await storeOutputs(claim, rendered, { ...deps, signal })
  const pieces = outputs.flatMap(({ key, bytes }, i): StoredPiece[] => {
    const { piece, file } = planned[i] ?? {}
    return piece ? [{ piece, key, bytes, ...(file && { file }) }] : []
  })
  const result: PiecesResult = { pieces, ...(missing.length > 0 && { missing }) }
  return { record: () => deps.jobs.complete(claim, result), discard }
}

async function toRenderedFile({ path, contentType }: PlannedPiece): Promise<RenderedFile> {
  const { size } = await stat(path)
  return { name: basename(path), path, content_type: contentType, bytes: size, ...WITHOUT_STREAMS }
}

/** The pieces that a task's jobs have stored, in the order of the jobs. */
export const piecesOf = (results: JobResult[]): StoredPiece[] =>
  resultsWithPieces(results).flatMap(({ pieces }) => pieces)

/** What the pieces of a task's jobs lack of their sources. */
export const missingOf = (results: JobResult[]): MissingContent[] =>
  resultsWithPieces(results).flatMap(({ missing = [] }) => missing)

const resultsWithPieces = (results: JobResult[]): PiecesResult[] =>
  results.flatMap(({ kind, result }) =>
    kind === 'chunk' || kind === 'audio' ? [result as PiecesResult] : [],
  )
