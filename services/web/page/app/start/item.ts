import { type Signal, signal } from '@preact/signals'
import { atRate, type Selection, trimOf } from '../edit/frames.ts'
import type { SourceBody } from '../edit/task-body.ts'
import { nameOfUrl } from '../tasks/task-names.ts'
import { finishedUpload, startUpload } from '../upload/upload.ts'
import { type Media, newMedia } from './media.ts'
import { readIndexOf } from './read-index.ts'

/** A source of the result: a file or link, and what is selected in it. */
export type Item = Media & {
  id: number
  /** Undefined for all of it. */
  selection: Signal<Selection | undefined>
}

let lastId = 0

export function fileItem(file: File): Item {
  const media: Media = {
    ...newMedia(file.name),
    file,
    objectUrl: URL.createObjectURL(file),
    upload: startUpload(file),
  }
  readIndexOf(file, media)
  return newItem(media)
}

/** A file that was uploaded before, of which the browser holds nothing. */
export const uploadItem = (uploadId: string, name: string): Item =>
  newItem({ ...newMedia(name), upload: finishedUpload(uploadId) })

/** A link; `headers`: the names of the request headers that its host expects. */
export const urlItem = (url: string, headers: string[] = []): Item =>
  newItem({
    ...newMedia(nameOfUrl(url)),
    url,
    headers: signal(Object.fromEntries(headers.map((name) => [name, '']))),
  })

/** Whether a request header has yet to be entered. */
export const lacksHeaders = ({ headers }: Media): boolean => Object.values(headers.value).includes('')

/** Another range of the same file or link: what follows the first one, or all of it. */
export function rangeAfter(item: Item): Item {
  const [range, total] = [selected(item), item.total.value]
  const follows =
    range && total !== undefined && range.end < total ? { first: range.end, end: total } : undefined
  return newItem(item, follows)
}

/** Whether two ranges are of the same file or link. */
export const isSameMedia = (a: Item, b: Item): boolean => a.reading === b.reading

function newItem(media: Media, range?: Selection): Item {
  const selection = signal<Selection | undefined>(range)
  let rate = media.fps.value
  // A corrected frame rate keeps the times of what was selected.
  media.fps.subscribe((fps) => {
    const before = selection.peek()
    if (before && fps !== rate) selection.value = atRate(before, rate, fps)
    rate = fps
  })
  return { ...media, id: ++lastId, selection }
}

/** Frees what the browser holds of a source, and stops its upload. */
export function discard({ objectUrl, upload, reading }: Item): void {
  reading.abort()
  upload?.cancel()
  if (objectUrl) URL.revokeObjectURL(objectUrl)
}

/** The selection in frames; all of the source when nothing is selected. Undefined while its length is not known. */
export function selected({ selection, total }: Item): Selection | undefined {
  if (selection.value) return selection.value
  return total.value === undefined ? undefined : { first: 0, end: total.value }
}

/** The source as the API takes it. What is not known yet, the id of an upload or the value of a header, is a word for it. */
export function toSource(item: Item): SourceBody {
  const { selection, fps, total, url, upload, headers } = item
  const trim = selection.value && trimOf(selection.value, fps.value, total.value)
  const origin = url === undefined ? { upload_id: upload?.uploadId.value ?? 'UPLOAD_ID' } : { url }
  const entered = Object.entries(headers.value).map(([name, value]) => [name, value || 'HEADER_VALUE'])
  return {
    ...origin,
    ...(entered.length > 0 && { headers: Object.fromEntries(entered) }),
    ...(trim && { trim }),
  }
}
