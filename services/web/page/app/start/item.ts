import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { atRate, framesIn, type Selection, trimOf } from '../edit/frames.ts'
import { mp4Rate } from '../edit/mp4-rate.ts'
import type { SourceBody } from '../edit/task-body.ts'
import { nameOfUrl } from '../tasks/task-names.ts'
import { type FileUpload, startUpload } from '../upload/upload.ts'

/** Until the rate of a source is known, its frames are counted at this one. */
const ASSUMED_RATE = 30

/** A source that a person added, and what they selected in it. */
export type Item = {
  id: number
  name: string
  file?: File
  /** Of the local file, which plays before it is uploaded. */
  objectUrl?: string
  url?: string
  upload?: FileUpload
  fps: Signal<number>
  isRateKnown: Signal<boolean>
  duration: Signal<number | undefined>
  total: ReadonlySignal<number | undefined>
  /** Undefined for all of it. */
  selection: Signal<Selection | undefined>
  /** Earlier selections, the latest last. */
  history: Signal<(Selection | undefined)[]>
}

let lastId = 0

export function fileItem(file: File): Item {
  const item = {
    ...newItem(file.name),
    file,
    objectUrl: URL.createObjectURL(file),
    upload: startUpload(file),
  }
  mp4Rate(file)
    .then((fps) => fps && setRate(item, fps))
    .catch(() => undefined)
  return item
}

export const urlItem = (url: string): Item => ({ ...newItem(nameOfUrl(url)), url })

function newItem(name: string): Item {
  const fps = signal(ASSUMED_RATE)
  const duration = signal<number | undefined>(undefined)
  return {
    id: ++lastId,
    name,
    fps,
    isRateKnown: signal(false),
    duration,
    total: computed(() => (duration.value === undefined ? undefined : framesIn(duration.value, fps.value))),
    selection: signal<Selection | undefined>(undefined),
    history: signal<(Selection | undefined)[]>([]),
  }
}

/** Frees what the browser holds of a source, and stops its upload. */
export function discard({ objectUrl, upload }: Item): void {
  upload?.cancel()
  if (objectUrl) URL.revokeObjectURL(objectUrl)
}

/** Corrects the frame rate; what was selected keeps its times. */
export function setRate(item: Item, fps: number): void {
  if (!(fps > 0 && fps < 1000)) return
  const before = item.fps.value
  if (item.selection.value) item.selection.value = atRate(item.selection.value, before, fps)
  item.history.value = item.history.value.map((one) => one && atRate(one, before, fps))
  item.fps.value = fps
  item.isRateKnown.value = true
}

/** Changes the selection so that it can be undone. */
export function select(item: Item, selection: Selection | undefined): void {
  const before = item.selection.value
  if (before?.first === selection?.first && before?.end === selection?.end) return
  item.history.value = [...item.history.value, before].slice(-100)
  item.selection.value = selection
}

export function undo(item: Item): void {
  const before = item.history.value
  if (before.length === 0) return
  item.selection.value = before.at(-1)
  item.history.value = before.slice(0, -1)
}

/** The selection in frames; all of the source when nothing is selected. Undefined while its length is not known. */
export function selected({ selection, total }: Item): Selection | undefined {
  if (selection.value) return selection.value
  return total.value === undefined ? undefined : { first: 0, end: total.value }
}

/** The source as the API takes it. The id of an upload that has not begun reads `UPLOAD_ID`. */
export function toSource(item: Item): SourceBody {
  const { selection, fps, total, url, upload } = item
  const trim = selection.value && trimOf(selection.value, fps.value, total.value)
  const origin = url === undefined ? { upload_id: upload?.uploadId.value ?? 'UPLOAD_ID' } : { url }
  return { ...origin, ...(trim && { trim }) }
}
