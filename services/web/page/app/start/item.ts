import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { Size } from '../edit/choices.ts'
import { atRate, framesIn, type Selection, trimOf } from '../edit/frames.ts'
import { readIndex } from '../edit/mp4/boxes.ts'
import { keyFramesOf } from '../edit/mp4/key-frames.ts'
import { rateOf } from '../edit/mp4/mp4-rate.ts'
import type { SourceBody } from '../edit/task-body.ts'
import { readWaveform, type Waveform } from '../edit/waveform/read-waveform.ts'
import { nameOfUrl } from '../tasks/task-names.ts'
import { type FileUpload, startUpload } from '../upload/upload.ts'

/** Until the rate of a source is known, its frames are counted at this one. */
const ASSUMED_RATE = 30

/** A file or link that a person added, and what is known about it. */
type Media = {
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
  /** What a dry run found out. */
  info: Signal<MediaInfo | undefined>
  /** As it is displayed; undefined while it is not known, and without video. */
  videoSize: Signal<Size | undefined>
  /** When key frames are shown, in seconds; undefined where that is not known. */
  keyFrames: Signal<readonly number[] | undefined>
  waveform: Signal<Waveform | undefined>
  /** Ends what is still being read from the file. */
  reading: AbortController
}

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
  // Without an index that can be read, the probe's rate comes with the dry run.
  readFacts(file, media).catch(() => undefined)
  return newItem(media)
}

async function readFacts(file: File, media: Media): Promise<void> {
  const index = await readIndex(file)
  if (!index) return
  const fps = rateOf(index)
  if (fps) setRate(media, fps)
  media.keyFrames.value = keyFramesOf(index)
}

export const urlItem = (url: string): Item => newItem({ ...newMedia(nameOfUrl(url)), url })

function newMedia(name: string): Media {
  const fps = signal(ASSUMED_RATE)
  const duration = signal<number | undefined>(undefined)
  return {
    name,
    fps,
    isRateKnown: signal(false),
    duration,
    total: computed(() => (duration.value === undefined ? undefined : framesIn(duration.value, fps.value))),
    info: signal<MediaInfo | undefined>(undefined),
    videoSize: signal<Size | undefined>(undefined),
    keyFrames: signal<readonly number[] | undefined>(undefined),
    waveform: signal<Waveform | undefined>(undefined),
    reading: new AbortController(),
  }
}

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

/** Begins to compute the waveform of a local file whose length is known, once. */
export function startWaveform({ file, duration, waveform, reading }: Item): void {
  if (!file || duration.value === undefined || waveform.peek()) return
  waveform.value = { state: 'starting' }
  const report = (now: Waveform) => (waveform.value = now)
  readWaveform(file, duration.value, report, reading.signal).catch(() => report({ state: 'unavailable' }))
}

/** Frees what the browser holds of a source, and stops its upload. */
export function discard({ objectUrl, upload, reading }: Item): void {
  reading.abort()
  upload?.cancel()
  if (objectUrl) URL.revokeObjectURL(objectUrl)
}

/** Corrects the frame rate. */
export function setRate({ fps, isRateKnown }: Media, rate: number): void {
  if (!(rate > 0 && rate < 1000)) return
  fps.value = rate
  isRateKnown.value = true
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
