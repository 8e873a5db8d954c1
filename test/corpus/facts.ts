import { DARKEST, LEVELS, STEP } from './inputs.ts'

/** What was measured of a rendered file. Times are seconds, levels dBFS. */
export type Facts = {
  seconds: number | undefined
  video?: {
    codec: string
    width: number
    height: number
    fps: number
    seconds: number
    frames: Frame[]
  }
  audio?: {
    codec: string
    channels: number
    seconds: number
    beeps: number[]
    peak: number
    level: number
  }
  /** RGB of equal columns, from the left. */
  colours?: number[][]
  /** LUFS. */
  loudness?: number
}

/** One frame of the test clip: when it is shown, which one it is, and whether the bar at the right is lit. */
export type Frame = { at: number; number: number; lit: boolean }

/** The frame that the brightness of the three bars stands for. */
export function frameOf(at: number, units: number, twenties: number, flash: number): Frame {
  const digit = (luma: number) => Math.min(LEVELS - 1, Math.max(0, Math.round((luma - DARKEST) / STEP)))
  return { at, number: digit(twenties) * LEVELS + digit(units), lit: flash > 128 }
}

/** When flashes begin. */
export const flashesOf = (frames: Frame[]): number[] =>
  frames.filter(({ lit }, i) => lit && !frames[i - 1]?.lit).map(({ at }) => at)

const WINDOW_S = 0.005
/** Amplitude, of 1, from which a window counts as part of a beep. */
const AUDIBLE = 0.2
/** Shorter pauses belong to one beep. */
const PAUSE_S = 0.1

/** When beeps begin, the highest peak and the RMS level of interleaved samples between -1 and 1. */
export function levelsOf(samples: Float32Array, channels: number, rate: number) {
  const window = Math.round(rate * WINDOW_S) * channels
  const beeps: number[] = []
  let [peak, energy, lastAudible] = [0, 0, Number.NEGATIVE_INFINITY]
  for (let from = 0; from < samples.length; from += window) {
    let highest = 0
    for (const sample of samples.subarray(from, from + window)) {
      highest = Math.max(highest, Math.abs(sample))
      energy += sample * sample
    }
    peak = Math.max(peak, highest)
    if (highest < AUDIBLE) continue
    const at = from / channels / rate
    if (at - lastAudible > PAUSE_S) beeps.push(at)
    lastAudible = at
  }
  const decibels = (amplitude: number) => 20 * Math.log10(Math.max(amplitude, 1e-9))
  return { beeps, peak: decibels(peak), level: decibels(Math.sqrt(energy / Math.max(1, samples.length))) }
}
