import type { Waveform as ServiceWaveform } from '#shared/contract/inspect/inspection.ts'
import { fetchKeyFrames, fetchWaveform, linkSource, linkUpload } from '../api/operations.ts'
import { apiError } from '../api/request.ts'
import { readWaveform, type Waveform } from '../edit/waveform/read-waveform.ts'
import { t } from '../i18n/index.ts'
import { errorText, type Failure } from '../ui/error-text.ts'
import { lacksHeaders } from './item.ts'
import type { Media } from './media.ts'
import { readIndexOf } from './read-index.ts'

type WithAudio = Pick<Media, 'duration' | 'waveform' | 'reading'> & { file?: Blob }

/** Begins to compute the waveform of a file whose length is known, once. */
export function startWaveform({ file, duration, waveform, reading }: WithAudio): void {
  if (!file || duration.value === undefined || waveform.peek()) return
  waveform.value = { state: 'starting' }
  const report = (now: Waveform) => (waveform.value = now)
  readWaveform(file, duration.value, report, reading.signal).catch(() => report({ state: 'unavailable' }))
}

/** Asks the service for what cannot be read here, as soon as it has the file: once, and only of the source that is shown. */
export function askService(media: Media): void {
  const { file, url, upload, preview, info, waveform, keyFrames, isIndexRead, asked } = media
  const ask = (
    what: 'preview' | 'waveform' | 'keyFrames',
    isNeeded: boolean,
    start: () => Promise<unknown>,
  ) => {
    if (!isNeeded || asked.has(what)) return
    asked.add(what)
    // The editor works without, and says what it does not know.
    start().catch(() => undefined)
  }
  // After the dry run: a host may serve one request at a time.
  if (url) ask('preview', !!info.value && !lacksHeaders(media), () => openLink(media))
  const id = upload?.state.value === 'complete' ? upload.uploadId.value : undefined
  if (id === undefined) return
  ask('preview', !file, async () => (preview.value = await linkUpload(id)))
  // Only when the dry run has found it to be a video: of other files there is nothing to read.
  if (!info.value?.video) return
  ask('waveform', waveform.value ? waveform.value.state === 'unavailable' : !file, async () => {
    waveform.value = { state: 'starting' }
    waveform.value = await fetchWaveform(id).then(toWaveform, () => ({ state: 'unavailable' as const }))
  })
  ask('keyFrames', (isIndexRead.value || !file) && keyFrames.value === undefined, async () => {
    keyFrames.value = (await fetchKeyFrames(id)).times
  })
}

/** Plays a source no more. `reason`: of the host of a link; without one, it is the browser that cannot play it. */
export function givenUp({ preview, problem }: Media, reason?: Failure): void {
  preview.value = undefined
  problem.value = reason ? t('edit.linkRefused', { reason: errorText(reason) }) : t('edit.noVideo')
}

/** Has the service play a link, and says why when it cannot be played. Called again, it tries again. */
export async function openLink(media: Media): Promise<void> {
  const { url = '', headers, preview, problem } = media
  problem.value = undefined
  const link = await linkSource(url, headers.value).catch((error) => ({ url: '', problem: apiError(error) }))
  if (link.problem) return givenUp(media, link.problem)
  preview.value = link.url
  // What the timeline shows beside the video is worth no error.
  readLink(link.url, media).catch(() => undefined)
}

/** Links to files of up to this size are read as a whole, which is no more than a player does. */
const MAX_WHOLE_BYTES = 16 * 2 ** 20

/** Reads the key frames from the index behind a link, by the ranges that it consists of; and the waveform where the file is small. */
async function readLink(url: string, media: Media): Promise<void> {
  const { signal } = media.reading
  const size = media.info.value?.bytes ?? 0
  const read = async (headers: Record<string, string> = {}) => (await fetch(url, { headers, signal })).blob()
  if (size > MAX_WHOLE_BYTES) {
    const range = async (from: number, to: number) =>
      (await read({ Range: `bytes=${from}-${to - 1}` })).arrayBuffer()
    await readIndexOf({ size, slice: (from, to) => ({ arrayBuffer: () => range(from, to) }) }, media)
  } else if (size > 0) {
    const file = await read()
    await readIndexOf(file, media)
    startWaveform({ ...media, file })
  }
}

const toWaveform = ({ peaks, peaks_per_second: perSecond }: ServiceWaveform): Waveform =>
  peaks.length > 0
    ? { state: 'complete', peaks: { perSecond, values: Uint8Array.from(peaks) } }
    : { state: 'silent' }
