import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { Task } from '#shared/contract/tasks.ts'
import { fetchUpload } from '../api/operations.ts'
import { fromRecipe } from '../edit/from-recipe.ts'
import { go } from '../route.ts'
import { type Asset, uploadedAsset } from './asset.ts'
import { type Item, uploadItem, urlItem } from './item.ts'
import { setRate } from './media.ts'
import { open } from './work.ts'

/** Opens the recipe of a task in the editor, with its sources, what was selected of them, and the images and clips beside them. */
export async function editAgain({
  recipe: { sources, ...recipe },
  sources: infos,
}: Pick<Task, 'recipe' | 'sources'>) {
  const [items, assetOf] = await Promise.all([Promise.all(sources.map(toItem)), assetsOf(recipe)])
  for (const [index, item] of items.entries()) {
    const [info, trim] = [infos[index], sources[index]?.trim]
    if (info) setInfo(item, info)
    if (trim) item.selection.value = rangeOf(trim, item)
  }
  open(items, fromRecipe(recipe, assetOf, items[0]?.videoSize.value))
  go('/')
}

/** The images and clips of a recipe, by the id of their upload. */
async function assetsOf({ watermark, bumper }: Pick<Task['recipe'], 'watermark' | 'bumper'>) {
  const ends = [bumper?.intro, bumper?.outro].flatMap((end) => [end?.image, end?.clip])
  const ids = new Set([watermark?.image, ...ends].flatMap((upload) => upload?.upload_id ?? []))
  const assets = new Map(
    await Promise.all([...ids].map(async (id) => [id, await uploadedAsset(id)] as const)),
  )
  return (id: string) => assets.get(id) as Asset
}

async function toItem({ url, headers, upload_id: id }: Task['recipe']['sources'][number]): Promise<Item> {
  if (url !== undefined) return urlItem(url, Object.keys(headers ?? {}))
  // An upload that has expired is reported by the dry run.
  const name = await fetchUpload(id ?? '').then(
    ({ filename }) => filename,
    () => 'video',
  )
  return uploadItem(id ?? '', name)
}

function setInfo(item: Item, info: MediaInfo) {
  item.info.value = info
  item.duration.value = info.duration
  if (!info.video) return
  setRate(item, info.video.fps)
  item.videoSize.value = { width: info.video.display_width, height: info.video.display_height }
}

function rangeOf(
  { start, duration }: { start: number; duration?: number | undefined },
  { fps, total }: Item,
) {
  const rate = fps.value
  const first = Math.round(start * rate)
  const length = duration === undefined ? Number.POSITIVE_INFINITY : Math.max(1, Math.round(duration * rate))
  const end = Math.min(first + length, total.value ?? first + length)
  return Number.isFinite(end) && end > first ? { first, end } : undefined
}
