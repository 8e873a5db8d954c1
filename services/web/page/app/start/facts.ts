import { fetchKeyFrames, fetchWaveform } from '../api/operations.ts'
import { readIndex } from '../edit/mp4/boxes.ts'
import { keyFramesOf } from '../edit/mp4/key-frames.ts'
import { rateOf } from '../edit/mp4/mp4-rate.ts'
import { readWaveform, type Waveform } from '../edit/waveform/read-waveform.ts'
import { type Media, setRate } from './media.ts'

/** Reads what the index of a local file says. Without one, the frame rate comes with the dry run, and key frames from the service. */
export async function readIndexOf(file: File, media: Media): Promise<void> {
  try {
    const index = await readIndex(file)
    const fps = index && rateOf(index)
    if (fps) setRate(media, fps)
    media.keyFrames.value = index && keyFramesOf(index)
  } catch {
    // Cut off or damaged: the service says so when it reads it.
  } finally {
    media.isIndexRead.value = true
  }
}

/** Begins to compute the waveform of a local file whose length is known, once. */
export function startWaveform({ file, duration, waveform, reading }: Media): void {
  if (!file || duration.value === undefined || waveform.peek()) return
  waveform.value = { state: 'starting' }
  const report = (now: Waveform) => (waveform.value = now)
  readWaveform(file, duration.value, report, reading.signal).catch(() => report({ state: 'unavailable' }))
}

/** Asks the service for what cannot be read here, as soon as it has the file. */
export function askService({ upload, waveform, keyFrames, isIndexRead, asked }: Media): void {
  const id = upload?.state.value === 'complete' ? upload.uploadId.value : undefined
  if (id === undefined) return
  if (waveform.value?.state === 'unavailable' && !asked.has('waveform')) {
    asked.add('waveform')
    waveform.value = { state: 'starting' }
    fetchWaveform(id)
      .then(({ peaks, peaks_per_second: perSecond }) => {
        waveform.value =
          peaks.length > 0
            ? { state: 'complete', peaks: { perSecond, values: Uint8Array.from(peaks) } }
            : { state: 'silent' }
      })
      // The timeline works without.
      .catch(() => (waveform.value = { state: 'unavailable' }))
  }
  if (isIndexRead.value && keyFrames.value === undefined && !asked.has('keyFrames')) {
    asked.add('keyFrames')
    fetchKeyFrames(id)
      .then(({ times }) => (keyFrames.value = times))
      // Jumping says that they are not known.
      .catch(() => undefined)
  }
}
