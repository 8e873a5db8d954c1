import { type ProgressListener, scaledProgress } from '../ffmpeg/progress.ts'

/**
 * Shares of a render that normalizes, in per cent. Measuring decodes the audio alone, before and after; the video, where
 * there is any, takes most of the time.
 */
const STEPS = {
  measure: [0, 15],
  render: [15, 90],
  verify: [90, 99],
} as const

/** A listener for each step of a render that normalizes, which reports to the whole. */
export const progressSteps = (listener: ProgressListener): Record<keyof typeof STEPS, ProgressListener> => ({
  measure: scaledProgress(...STEPS.measure, listener),
  render: scaledProgress(...STEPS.render, listener),
  verify: scaledProgress(...STEPS.verify, listener),
})
