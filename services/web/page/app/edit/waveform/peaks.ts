/** The loudest sample of each short stretch of audio: what a waveform is drawn from. */
export type Peaks = {
  perSecond: number
  /** From 0, silence, to 255, full scale. */
  values: Uint8Array
}

const MAX_PER_SECOND = 100
/** An hour at the full resolution; longer audio has a coarser waveform. */
const MAX_VALUES = 360_000

export function emptyPeaks(seconds: number): Peaks {
  const perSecond = Math.min(MAX_PER_SECOND, MAX_VALUES / Math.max(seconds, 1))
  return { perSecond, values: new Uint8Array(Math.max(1, Math.ceil(seconds * perSecond))) }
}

/** Adds the samples of a channel that begin at a time; what is there already is kept where it is louder. */
export function addSamples(
  { perSecond, values }: Peaks,
  samples: Float32Array,
  from: number,
  sampleRate: number,
): void {
  const step = perSecond / sampleRate
  let position = from * perSecond
  for (const sample of samples) {
    const index = Math.floor(position)
    const level = Math.min(255, Math.round(Math.abs(sample) * 255))
    if (level > (values[index] ?? 255)) values[index] = level
    position += step
  }
}

/** The peak between two times, from 0 to 1. */
export function peakBetween({ perSecond, values }: Peaks, from: number, to: number): number {
  const first = Math.max(0, Math.floor(from * perSecond))
  const end = Math.max(first + 1, Math.ceil(to * perSecond))
  let peak = 0
  for (let i = first; i < end && i < values.length; i++) peak = Math.max(peak, values[i] ?? 0)
  return peak / 255
}
