import { assetUploads } from '#shared/contract/recipe.ts'
import { uploadIdsOf } from '#shared/contract/recipe-uploads.ts'
import { asCutroomError, CutroomError } from '#shared/errors.ts'
import type { Claim } from '#shared/tasks/rows.ts'
import type { UploadRepository } from '#shared/uploads/upload-repository.ts'
import { NOT_OPENED } from '../media/chunks/task-plan.ts'
import type { TaskPlan } from '../media/chunks/types.ts'
import type { MediaFiles } from '../media/types.ts'
import type { OpenedSource, SourceOrigin, Sources } from '../sources/open-source.ts'
import type { SourceInput } from '../sources/source-input.ts'

type Deps = { sources: Pick<Sources, 'open'>; uploads: Pick<UploadRepository, 'find'> }

/**
 * Opens every file that a recipe names. `only`: the indexes of the sources to open, in place of all; `copies`: see TaskPlan.
 * Disposing the result closes all files; on an error, those already opened are closed.
 *
 * @throws CutroomError `upload.not_found` when an upload is gone or belongs to somebody else, and whatever
 * `sources.open` throws
 */
export async function openFiles(
  { userId, recipe }: Pick<Claim, 'userId' | 'recipe'>,
  { sources, uploads }: Deps,
  scratchDir: string,
  signal: AbortSignal,
  { only, copies = [] }: { only?: number[] | undefined; copies?: TaskPlan['copies'] } = {},
): Promise<MediaFiles & AsyncDisposable> {
  const rows = await uploads.find(userId, uploadIdsOf(recipe))
  const objectKeys = new Map(rows.map(({ id, objectKey }) => [id, objectKey]))
  const opened: OpenedSource[] = []
  const close = async () => void (await Promise.all(opened.map((source) => source.close())))
  const open = async (origin: SourceOrigin) => {
    const source = await sources.open(origin, scratchDir, signal)
    opened.push(source)
    return source.input
  }
  const openUpload = async (id: string) => open({ key: objectKeys.get(id) ?? uploadNotFound(id) })
  /** A task that is retried a day after it failed has no copies any more. */
  const openCopy = async (key: string | null | undefined, openOriginal: () => Promise<SourceInput>) => {
    if (!key) return openOriginal()
    return open({ key }).catch((error: unknown) => {
      if (asCutroomError(error).code === 'upload.missing') return openOriginal()
      throw error
    })
  }
  const openUploads = async (ids: string[]) =>
    Object.fromEntries(await Promise.all(ids.map(async (id) => [id, await openUpload(id)] as const)))

  try {
    const { images, clips } = assetUploads(recipe)
    const openSource = (i: number) => {
      const { url, headers, upload_id } = recipe.sources[i] ?? {}
      return url ? openCopy(copies[i], () => open({ url, headers })) : openUpload(upload_id ?? '')
    }
    /** All clips are of one file, which is opened once. */
    let ofClips: Promise<SourceInput> | undefined
    const openClip = (i: number) => {
      ofClips ??= openSource(i)
      return ofClips
    }
    return {
      sources: await Promise.all(
        recipe.sources.map((_, i) => {
          if (only && !only.includes(i)) return NOT_OPENED
          return recipe.clips ? openClip(i) : openSource(i)
        }),
      ),
      images: await openUploads(images),
      clips: await openUploads(clips),
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function uploadNotFound(id: string): never {
  throw new CutroomError('upload.not_found', `Upload ${id} no longer exists; upload the file again.`)
}
