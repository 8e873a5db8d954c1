import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { Size } from '../edit/choices.ts'
import { framesIn } from '../edit/frames.ts'
import type { Waveform } from '../edit/waveform/read-waveform.ts'
import type { FileUpload } from '../upload/upload.ts'

/** Until the rate of a source is known, its frames are counted at this one. */
const ASSUMED_RATE = 30

/** A file or link that a person added, and what is known about it. */
export type Media = {
  name: string
  file?: File
  /** Of the local file, which plays before it is uploaded. */
  objectUrl?: string
  url?: string
  /** For the request for the link, by name; an empty value has yet to be entered. */
  headers: Signal<Record<string, string>>
  /** Plays the uploaded file, where the browser holds none, or what a link leads to. */
  preview: Signal<string | undefined>
  /** Why it is not played, in words. */
  problem: Signal<string | undefined>
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
  /** Whether the index of the local file has been read, or could not be. */
  isIndexRead: Signal<boolean>
  waveform: Signal<Waveform | undefined>
  /** What the service has been asked for. */
  asked: Set<'preview' | 'waveform' | 'keyFrames'>
  /** Ends what is still being read from the file. */
  reading: AbortController
}

export function newMedia(name: string): Media {
  const fps = signal(ASSUMED_RATE)
  const duration = signal<number | undefined>(undefined)
  return {
    name,
    fps,
    isRateKnown: signal(false),
    duration,
    total: computed(() => (duration.value === undefined ? undefined : framesIn(duration.value, fps.value))),
    headers: signal({}),
    preview: signal<string | undefined>(undefined),
    problem: signal<string | undefined>(undefined),
    info: signal<MediaInfo | undefined>(undefined),
    videoSize: signal<Size | undefined>(undefined),
    keyFrames: signal<readonly number[] | undefined>(undefined),
    isIndexRead: signal(false),
    waveform: signal<Waveform | undefined>(undefined),
    asked: new Set(),
    reading: new AbortController(),
  }
}

/** Corrects the frame rate. */
export function setRate({ fps, isRateKnown }: Media, rate: number): void {
  if (!(rate > 0 && rate < 1000)) return
  fps.value = rate
  isRateKnown.value = true
}
