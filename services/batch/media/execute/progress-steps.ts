import type { RenderOptions } from '../engine.ts'
import { monotonicProgress, type ProgressListener, scaledProgress } from '../ffmpeg/progress.ts'

type Stretch = [from: number, to: number]
// Measuring decodes the sound alone, twice; the picture, where there is one, takes most of the time.
const STEPS = {
  measure: [0, 15] as Stretch,
  make: [15, 90] as Stretch,
  'measure again': [90, 99] as Stretch,
}

/** The options of each step of a making, its progress within the whole. Without normalizing there is one step. */
export function progressSteps(
  normalizes: boolean,
  options: RenderOptions,
): { hear: ProgressListener; step: (name: keyof typeof STEPS) => RenderOptions } {
  const hear = monotonicProgress(options.onProgress ?? (() => {}))
  const step = (name: keyof typeof STEPS): RenderOptions => ({
    ...options,
    onProgress: normalizes ? scaledProgress(...STEPS[name], hear) : hear,
  })
  return { hear, step }
}
