import { computed } from '@preact/signals'
import type { AssetReference } from '../edit/choices.ts'
import { type FileUpload, startUpload } from '../upload/upload.ts'

/** An image or clip beside the sources: a watermark or a bumper. It is uploaded when it is chosen. */
export type Asset = AssetReference & {
  name: string
  file: File
  objectUrl: string
  upload: FileUpload
  /** For comparisons: what was chosen, not how far its upload is. */
  toJSON(): string
}

export function newAsset(file: File): Asset {
  const objectUrl = URL.createObjectURL(file)
  const upload = startUpload(file)
  // An object of its own, since the rest of the upload changes all the time.
  const uploadId = computed(() => upload.uploadId.value)
  return { name: file.name, file, objectUrl, upload, uploadId, toJSON: () => objectUrl }
}
