import { assetUploads } from '#shared/contract/recipe.ts'
import { uploadIdsOf } from '#shared/contract/recipe-uploads.ts'
import { CutroomError } from '#shared/errors.ts'
import type { Claim } from '#shared/tasks/rows.ts'
import type { MediaFiles } from '../media/types.ts'
import type { OpenedSource, Sources } from '../sources/open-source.ts'

/** Where in storage a user's uploads are: id → object key. Ids that are not the user's are left out. */
export type FindUploadKeys = (userId: string, ids: string[]) => Promise<Map<string, string>>

type Deps = { sources: Sources; findUploadKeys: FindUploadKeys }

/** Opens everything a recipe names; all of it is closed together. Throws `upload.not_found` and what `open` throws. */
export async function openFiles(
  { userId, recipe }: Pick<Claim, 'userId' | 'recipe'>,
  { sources, findUploadKeys }: Deps,
  scratchDir: string,
  signal: AbortSignal,
): Promise<MediaFiles & AsyncDisposable> {
  const keys = await findUploadKeys(userId, uploadIdsOf(recipe))
  const opened: OpenedSource[] = []
  const close = async () => void (await Promise.all(opened.map((source) => source.close())))
  const open = async (origin: { url: string } | { key: string }) => {
    const source = await sources.open(origin, scratchDir, signal)
    opened.push(source)
    return source.input
  }
  const openUpload = (id: string) => open({ key: keys.get(id) ?? gone(id) })
  const openAll = async (ids: string[]) =>
    Object.fromEntries(await Promise.all(ids.map(async (id) => [id, await openUpload(id)] as const)))

  try {
    const { images, clips } = assetUploads(recipe)
    return {
      sources: await Promise.all(
        recipe.sources.map(({ url, upload_id }) => (url ? open({ url }) : openUpload(upload_id ?? ''))),
      ),
      images: await openAll(images),
      clips: await openAll(clips),
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function gone(id: string): never {
  throw new CutroomError('upload.not_found', `Upload ${id} is no longer there; upload the file again.`)
}
