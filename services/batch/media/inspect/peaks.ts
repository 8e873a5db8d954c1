import { MAX_PEAKS } from '#shared/contract/inspect/inspection.ts'

/** Rate of the samples from which peaks are taken, in Hz. */
export const SAMPLE_RATE = 8_000
const BEST_PEAKS_PER_SECOND = 50

/** How many samples make a peak of a file so long. */
export const samplesPerPeak = (seconds: number): number =>
  Math.max(SAMPLE_RATE / BEST_PEAKS_PER_SECOND, Math.ceil((seconds * SAMPLE_RATE) / MAX_PEAKS))

/** Collects the peaks of signed 16-bit samples in little-endian order, as they arrive in chunks of any length. */
export function createPeaks(perPeak: number) {
  const peaks: number[] = []
  let count = 0
  let loudest = 0
  let odd: number | undefined

  function addSample(sample: number) {
    loudest = Math.max(loudest, Math.abs(sample))
    count += 1
    if (count < perPeak) return
    flush()
  }

  function flush() {
    // 32,768, the loudest negative sample, would be 256.
    if (peaks.length < MAX_PEAKS) peaks.push(Math.min(255, loudest >> 7))
    count = 0
    loudest = 0
  }

  return {
    add(chunk: Buffer): void {
      const bytes = odd === undefined ? chunk : Buffer.concat([Buffer.of(odd), chunk])
      odd = bytes.length % 2 === 1 ? bytes.at(-1) : undefined
      for (let at = 0; at + 1 < bytes.length; at += 2) addSample(bytes.readInt16LE(at))
    },
    /** All peaks so far, the last of which may be of fewer samples. */
    end(): number[] {
      if (count > 0) flush()
      return peaks
    },
  }
}
