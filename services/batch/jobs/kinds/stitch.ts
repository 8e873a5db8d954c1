import pLimit from 'p-limit'
import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { JobResult } from '#shared/tasks/graph/complete-job.ts'
import type { ExpandedTask } from '../../media/chunks/types.ts'
import { WITHOUT_STREAMS } from '../../media/execute/check-output.ts'
import type { MissingContent } from '../../media/execute/missing-content.ts'
import { isSamePiece } from '../../media/plan/chunks/pieces.ts'
import type { FinishedOutput, OpenedPiece } from '../../media/plan/chunks/plan-stitch.ts'
import type { Loudness } from '../../media/probe/parse-loudness.ts'
import type { OpenedSource } from '../../sources/open-source.ts'
import { type OutputFile, storeOutputs } from '../store-outputs.ts'
import type { MeasureResult } from './audio.ts'
import { deliver } from './deliver.ts'
import { describeSources } from './describe-sources.ts'
import { missingOf, piecesOf, type StoredPiece } from './stored-pieces.ts'
import { type Attempt, mediaOptions, taskOf, type Work } from './work.ts'

/**
 * Joins the pieces that the other jobs have stored, and makes the files the task's result.
 * @throws CutroomError what opening, joining, checking and storing throw.
 */
export async function stitch(attempt: Attempt): Promise<Work> {
  const { claim, deps, signal } = attempt
  const results = await deps.jobs.results(claim.taskId)
  const pieces = piecesOf(results)
  const loudness = loudnessOf(results)
  await using opened = await openPieces(pieces, attempt)
  const stitched = await deps.media.stitch(taskOf(claim), opened.pieces, loudness, mediaOptions(attempt))
  const finished = stitched.finished.map((output) => toOutputFile(output, pieces, loudness))
  const inOrder = [...stitched.files, ...finished].toSorted(
    (a, b) => stitched.order.indexOf(a.name) - stitched.order.indexOf(b.name),
  )
  const stored = await storeOutputs(claim, inOrder, { ...deps, signal })
  const outputs = await deliver(stored, attempt)
  const sources = sourcesOf(taskOf(claim), missingOf(results))
  return { record: () => deps.jobs.finish(claim, { sources, outputs }), discard: stored.discard, outputs }
}

/** The sources anew where the result lacks some of their content; undefined where what the task tells of them remains. */
const sourcesOf = ({ recipe, plan }: ExpandedTask, missing: MissingContent[]): MediaInfo[] | undefined =>
  missing.length > 0
    ? describeSources(
        recipe,
        plan.sources.map(({ info }) => info),
        missing,
      )
    : undefined

/** The loudness of each output's audio, by the output's index, where it was measured. */
function loudnessOf(results: JobResult[]): Map<number, Loudness | null> {
  const measured = results.flatMap(({ kind, result }) =>
    kind === 'measure' ? [result as MeasureResult] : [],
  )
  const outputs = measured.flatMap((result) => ('outputs' in result ? result.outputs : []))
  return new Map(outputs.map(({ output, loudness }) => [output, loudness]))
}

/** Opens pieces for ffmpeg. Disposing the result closes them. */
async function openPieces(
  pieces: StoredPiece[],
  { deps, workspace, signal }: Attempt,
): Promise<AsyncDisposable & { pieces: OpenedPiece[] }> {
  const sources: OpenedSource[] = []
  const close = async () => void (await Promise.all(sources.map((source) => source.close())))
  const limit = pLimit(OPEN_CONCURRENCY)
  const open = async ({ piece, key }: StoredPiece) => {
    const source = await deps.sources.open({ key, readOnce: true }, workspace.dir, signal)
    sources.push(source)
    return { piece, input: source.input }
  }
  try {
    const opened = await Promise.all(pieces.map((piece) => limit(open, piece)))
    return { pieces: opened, [Symbol.asyncDispose]: close }
  } catch (error) {
    limit.clearQueue()
    await close()
    throw error
  }
}

/** Pieces that are opened at a time: a long film has thousands. */
const OPEN_CONCURRENCY = 16

/** A file of the result that is a piece as it is. */
function toOutputFile(
  { output, piece }: FinishedOutput,
  pieces: StoredPiece[],
  loudness: Map<number, Loudness | null>,
): OutputFile {
  const stored = pieces.find((candidate) => isSamePiece(candidate.piece, piece))
  if (!stored) throw new Error(`No job has left ${output.name}.`)
  const { name, path, contentType, size } = output
  const measured = piece.kind === 'audio' ? loudness.get(piece.output) : undefined
  return {
    ...WITHOUT_STREAMS,
    ...stored.file,
    ...size,
    ...(measured !== undefined && { loudness: measured }),
    ...{ name, path, content_type: contentType, bytes: stored.bytes, copyOf: stored.key },
  }
}
