import { computed, type ReadonlySignal, signal } from '@preact/signals'
import { fetchUpload, linkUpload } from '../api/operations.ts'
import { apiError } from '../api/request.ts'
import type { AssetReference } from '../edit/choices.ts'
import { t } from '../i18n/index.ts'
import { type FileUpload, finishedUpload, startUpload } from '../upload/upload.ts'

/** An image or clip beside the sources: a watermark or a bumper. It is uploaded when it is chosen. */
export type Asset = AssetReference & {
  name: string
  /** Undefined for one that was uploaded for an earlier task. */
  file?: File
  /** Where the browser finds it; undefined until that is known. */
  src: ReadonlySignal<string | undefined>
  upload: FileUpload
  /** For comparisons: what was chosen, not how far its upload is. */
  toJSON(): string
}

/** Those of files, each of which holds its file in memory until it is released. */
const held = new Map<Asset, () => void>()

export function newAsset(file: File): Asset {
  const objectUrl = URL.createObjectURL(file)
  const upload = startUpload(file)
  // An object of its own, since the rest of the upload changes all the time.
  const uploadId = computed(() => upload.uploadId.value)
  const asset = { name: file.name, file, src: signal(objectUrl), upload, uploadId, toJSON: () => objectUrl }
  held.set(asset, () => {
    upload.cancel()
    URL.revokeObjectURL(objectUrl)
  })
  return asset
}

/** One that was uploaded for an earlier task. What is not kept any longer says so, and can be replaced. */
export async function uploadedAsset(id: string): Promise<Asset> {
  const src = signal<string | undefined>(undefined)
  const rest = { src, uploadId: { value: id }, toJSON: () => id }
  try {
    const { filename: name } = await fetchUpload(id)
    // Without it, the name alone is shown.
    linkUpload(id).then(
      (url) => (src.value = url),
      () => undefined,
    )
    return { ...rest, name, upload: finishedUpload(id) }
  } catch (thrown) {
    return { ...rest, name: t('asset.unknown'), upload: finishedUpload(id, apiError(thrown)) }
  }
}

/** Frees what the browser holds of all images and clips but those in use, and stops their uploads. */
export function releaseAssets(used: readonly (Asset | undefined)[]): void {
  for (const [asset, release] of held) {
    if (used.includes(asset)) continue
    release()
    held.delete(asset)
  }
}
