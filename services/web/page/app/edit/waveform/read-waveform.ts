import {
  type AacTrack,
  ADTS_HEADER_BYTES,
  aacTrackOf,
  adtsHeader,
  contiguousRanges,
  hasAudio,
} from '../mp4/aac-track.ts'
import { readIndex } from '../mp4/boxes.ts'
import { addSamples, emptyPeaks, type Peaks } from './peaks.ts'

/** `unavailable`: it cannot be computed here; `silent`: there is no audio. */
export type Waveform =
  | { state: 'reading' | 'complete'; peaks: Peaks }
  | { state: 'starting' | 'unavailable' | 'silent' }

/** Enough for the shape of a wave, and a sixth of the memory. */
const SAMPLE_RATE = 8_000
const SLICE_SECONDS = 30
/** Files that can only be decoded as a whole: decoded audio takes 23 MB a minute until it is reduced. */
const MAX_WHOLE = { bytes: 100 * 10 ** 6, seconds: 600 }

/**
 * Computes the waveform of a file, in slices where its audio can be found through its index, so that length and size do not
 * matter: of an MP4 or MOV with AAC, the audio alone is read. Other files are decoded as a whole, up to MAX_WHOLE. Reports after each slice.
 * Decoding happens outside of the page's thread.
 */
export async function readWaveform(
  file: Blob,
  seconds: number,
  report: (waveform: Waveform) => void,
  stop: AbortSignal,
): Promise<void> {
  const index = await readIndex(file)
  if (index && !hasAudio(index)) return report({ state: 'silent' })
  const track = index && aacTrackOf(index)
  const peaks = emptyPeaks(seconds)
  if (track) await readSlices(file, track, peaks, () => report({ state: 'reading', peaks }), stop)
  else if (file.size > MAX_WHOLE.bytes || seconds > MAX_WHOLE.seconds) return report({ state: 'unavailable' })
  else await decodeInto(peaks, await file.arrayBuffer(), 0)
  if (!stop.aborted) report({ state: 'complete', peaks })
}

async function readSlices(
  file: Blob,
  track: AacTrack,
  peaks: Peaks,
  onSlice: () => void,
  stop: AbortSignal,
): Promise<void> {
  const frames = Math.round(SLICE_SECONDS / track.seconds)
  for (let first = 0; first < track.offsets.length && !stop.aborted; first += frames) {
    const end = Math.min(track.offsets.length, first + frames)
    await decodeInto(peaks, await readFrames(file, track, first, end), first * track.seconds)
    onSlice()
  }
}

/** Frames as a stream of their own. Those that stand together in the file are read together. */
async function readFrames(file: Blob, track: AacTrack, first: number, end: number): Promise<ArrayBuffer> {
  const sizes = track.sizes.subarray(first, end)
  const stream = new Uint8Array(sizes.reduce((sum, size) => sum + size + ADTS_HEADER_BYTES, 0))
  let at = 0
  for (const range of contiguousRanges(track, first, end)) {
    const bytes = new Uint8Array(await file.slice(range.from, range.to).arrayBuffer())
    for (let frame = range.first, from = 0; frame < range.end; frame++) {
      const size = track.sizes[frame] ?? 0
      stream.set(adtsHeader(track, size), at)
      stream.set(bytes.subarray(from, from + size), at + ADTS_HEADER_BYTES)
      at += size + ADTS_HEADER_BYTES
      from += size
    }
  }
  return stream.buffer
}

async function decodeInto(peaks: Peaks, encoded: ArrayBuffer, from: number): Promise<void> {
  const decoded = await new OfflineAudioContext(1, 1, SAMPLE_RATE).decodeAudioData(encoded)
  for (let channel = 0; channel < decoded.numberOfChannels; channel++) {
    addSamples(peaks, decoded.getChannelData(channel), from, SAMPLE_RATE)
  }
}
