import { assetUploads } from '#shared/contract/recipe.ts'
import { uploadIdsOf } from '#shared/contract/recipe-uploads.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Claim } from '#shared/tasks/rows.ts'
import type { UploadRepository } from '#shared/uploads/upload-repository.ts'
import { NOT_OPENED } from '../media/chunks/task-plan.ts'
import type { MediaFiles } from '../media/types.ts'
import type { OpenedSource, SourceOrigin, Sources } from '../sources/open-source.ts'

type Deps = { sources: Pick<Sources, 'open'>; uploads: Pick<UploadRepository, 'find'> }

/**
 * Opens every file that a recipe names; of its sources only those whose indexes are in `only`, when it is given. Disposing
 * the result closes all of them; on an error, those already opened are closed.
 *
 * @throws CutroomError `upload.not_found` when an upload is gone or belongs to somebody else, and whatever
 * `sources.open` throws
 */
export async function openFiles(
  { userId, recipe }: Pick<Claim, 'userId' | 'recipe'>,
  { sources, uploads }: Deps,
  scratchDir: string,
  signal: AbortSignal,
  only?: number[],
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
  const openUploads = async (ids: string[]) =>
    Object.fromEntries(await Promise.all(ids.map(async (id) => [id, await openUpload(id)] as const)))

  try {
    const { images, clips } = assetUploads(recipe)
    return {
      sources: await Promise.all(
        recipe.sources.map(({ url, headers, upload_id }, i) => {
          if (only && !only.includes(i)) return NOT_OPENED
          return url ? open({ url, headers }) : openUpload(upload_id ?? '')
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
