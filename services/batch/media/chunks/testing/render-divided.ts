import { rename, stat } from 'node:fs/promises'
import { Recipe } from '#shared/contract/recipe.ts'
import { WITHOUT_STREAMS } from '../../execute/check-output.ts'
import type { MissingContent } from '../../execute/missing-content.ts'
import { isSamePiece } from '../../plan/chunks/pieces.ts'
import type { FinishedOutput, OpenedPiece } from '../../plan/chunks/plan-stitch.ts'
import { withSourcePerClip } from '../../plan/clips.ts'
import { fileInput } from '../../probe/media-input.ts'
import type { Loudness } from '../../probe/parse-loudness.ts'
import { anUpload, inputsOf, type MediaWorkspace } from '../../testing/media-workspace.ts'
import type { AudioPiece, MediaFiles, RenderedFile } from '../../types.ts'

const { signal } = new AbortController()

/** Renders a recipe from files in one piece; everything is encoded. */
export async function renderWhole(
  workspace: MediaWorkspace,
  recipe: object,
  paths: string[],
  assets: Assets = {},
): Promise<RenderedFile[]> {
  const parsed = parse(recipe, paths)
  const options = { outputDir: await workspace.newDir(), signal }
  return (await workspace.engine.render(parsed, filesOf(parsed, paths, assets), options)).outputs
}

/**
 * Renders a recipe from files as the jobs of an expanded task do, one after the other: chunks of about two seconds, the
 * audio, and the stitch.
 */
export async function renderDivided(
  { engine, newDir }: MediaWorkspace,
  input: object,
  paths: string[],
  assets: Assets = {},
): Promise<{ chunks: number; outputs: RenderedFile[]; missing: MissingContent[] }> {
  const recipe = parse(input, paths)
  const files = filesOf(recipe, paths, assets)
  const missing: MissingContent[] = []
  const onMissing = (found: MissingContent) => missing.push(found)
  const options = async () => ({ outputDir: await newDir(), signal, onMissing })
  const { expansion } = await engine.render(recipe, files, {
    ...(await options()),
    // So little work for a chunk that the shortest possible chunks come of it.
    divide: { seconds: 1e-6, cores: 1, threads: 1 },
  })
  if (!expansion) throw new Error('The render was not divided.')
  // A job reads the plan from its row.
  const task = { recipe, plan: JSON.parse(JSON.stringify(expansion.plan)) }
  const pieces: OpenedPiece[] = []
  const audio: AudioPiece[] = []
  const loudness = new Map<number, Loudness | null>()
  let content: Awaited<ReturnType<typeof engine.measureLoudness>> | undefined
  let outputs: RenderedFile[] = []
  for (const job of expansion.jobs) {
    if (job.kind === 'chunk') {
      for (const { piece, path } of await engine.renderChunk(
        task,
        job.params.range,
        files,
        await options(),
      )) {
        pieces.push({ piece, input: fileInput(path) })
      }
    } else if (job.kind === 'audio') {
      audio.push(...(await engine.encodeAudio(task, content, files, await options())))
      pieces.push(...audio.map(({ piece, path }) => ({ piece, input: fileInput(path) })))
    } else if (job.kind === 'measure' && job.params.of === 'content') {
      content = await engine.measureLoudness(task, files, await options())
    } else if (job.kind === 'measure') {
      for (const { piece, path } of audio) {
        if (piece.kind !== 'audio') continue
        loudness.set(piece.output, (await engine.measureAudio(fileInput(path), await options())) ?? null)
      }
    } else {
      const {
        files: stitched,
        finished,
        order,
      } = await engine.stitch(task, pieces, loudness, await options())
      const copied = await Promise.all(finished.map((output) => copyFinished(output, pieces, audio)))
      outputs = [...stitched, ...copied].toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
    }
  }
  return { chunks: expansion.plan.ranges.length, outputs, missing }
}

/** A file of the result that a job has finished, under its own name. */
async function copyFinished(
  { output, piece }: FinishedOutput,
  pieces: OpenedPiece[],
  audio: AudioPiece[],
): Promise<RenderedFile> {
  const from = pieces.find((candidate) => isSamePiece(candidate.piece, piece))
  const file = audio.find((candidate) => isSamePiece(candidate.piece, piece))?.file
  const left = from?.input.url.replace(/^file:/, '') ?? ''
  const path = `${left}.${output.name}`
  await rename(left, path)
  const { size: bytes } = await stat(path)
  return {
    ...WITHOUT_STREAMS,
    ...file,
    ...output.size,
    name: output.name,
    path,
    content_type: output.contentType,
    bytes,
  }
}

/** Paths of the images and clips that a recipe names, by upload id. */
type Assets = Record<string, string>

function filesOf(recipe: Recipe, paths: string[], assets: Assets): MediaFiles {
  const opened = Object.fromEntries(Object.entries(assets).map(([id, path]) => [id, fileInput(path)]))
  return { sources: inputsOf(recipe, paths), images: opened, clips: opened }
}

const parse = (recipe: object, paths: string[]) =>
  withSourcePerClip(
    Recipe.parse({
      output: { format: 'mp4', quality: 'draft' },
      ...('outputs' in recipe ? { output: undefined } : {}),
      ...recipe,
      sources: paths.map(() => anUpload(99)),
    }),
  )
