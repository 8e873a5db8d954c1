import { uploadIdsOf } from '#shared/contract/recipe/upload-ids.ts'
import { assetUploads } from '#shared/contract/recipe.ts'
import { asCutroomError, CutroomError } from '#shared/errors.ts'
import type { Claim } from '#shared/tasks/rows.ts'
import type { UploadRepository } from '#shared/uploads/upload-repository.ts'
import { NOT_OPENED } from '../media/chunks/task-plan.ts'
import type { TaskPlan } from '../media/chunks/types.ts'
import type { MediaFiles } from '../media/types.ts'
import type { OpenedSource, SourceOrigin, Sources, WhileWaiting } from '../sources/open-source.ts'
import type { SourceInput } from '../sources/source-input.ts'
import type { Slot } from './job-slots.ts'
import { leaveWhileWaiting } from './leave-while-waiting.ts'

type Source = Claim['recipe']['sources'][number]

type Deps = {
  sources: Pick<Sources, 'open'>
  uploads: Pick<UploadRepository, 'find'>
  /** The slot of the job that opens the files, which it leaves while hosts keep it waiting. */
  slot?: Pick<Slot, 'leave' | 'return'>
}

/**
 * Opens every file that a recipe names. `only`: the indexes of the sources to open, in place of all; `copies`: see TaskPlan.
 * Disposing the result closes all files; on an error, those already opened are closed.
 *
 * @throws CutroomError `upload.not_found` when an upload is gone or belongs to somebody else, and whatever
 * `sources.open` throws
 */
export async function openFiles(
  { userId, recipe }: Pick<Claim, 'userId' | 'recipe'>,
  { sources, uploads, slot }: Deps,
  scratchDir: string,
  signal: AbortSignal,
  { only, copies = [] }: { only?: number[] | undefined; copies?: TaskPlan['copies'] } = {},
): Promise<MediaFiles & AsyncDisposable> {
  const rows = await uploads.find(userId, uploadIdsOf(recipe))
  const objectKeys = new Map(rows.map(({ id, objectKey }) => [id, objectKey]))
  const opened: OpenedSource[] = []
  let isClosed = false
  const close = async () => {
    isClosed = true
    await Promise.all(opened.map((source) => source.close()))
  }
  const open = async (origin: SourceOrigin, whileWaiting?: WhileWaiting) => {
    const source = await sources.open(origin, scratchDir, signal, whileWaiting)
    opened.push(source)
    // Another one has failed meanwhile.
    if (isClosed) await source.close()
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
  const openings = slot && leaveWhileWaiting(slot, recipe.clips ? 1 : recipe.sources.length)
  const leavingSlot = <T>(work: (whileWaiting?: WhileWaiting) => Promise<T>) =>
    openings ? openings.run(work) : work()
  const isWanted = (index: number) => !only || only.includes(index)
  const openSource = (index: number) =>
    leavingSlot(async (whileWaiting) => {
      const { url, headers, upload_id } = recipe.sources[index] as Source
      if (!isWanted(index)) return NOT_OPENED
      if (!url) return openUpload(upload_id ?? '')
      return openCopy(copies[index], () => open({ url, headers }, whileWaiting))
    })
  /** All clips are of one file, which is opened once. */
  const openClips = async () => {
    const file = await openSource([...recipe.sources.keys()].find(isWanted) ?? 0)
    return recipe.sources.map((_, index) => (isWanted(index) ? file : NOT_OPENED))
  }

  try {
    const { images, clips } = assetUploads(recipe)
    return {
      sources: recipe.clips
        ? await openClips()
        : await Promise.all(recipe.sources.map((_, index) => openSource(index))),
      images: await openUploads(images),
      clips: await openUploads(clips),
      [Symbol.asyncDispose]: close,
    }
  } catch (error) {
    openings?.end()
    await close()
    throw error
  }
}

function uploadNotFound(id: string): never {
  throw new CutroomError('upload.not_found', `Upload ${id} no longer exists; upload the file again.`)
}
