import type { Recipe } from '#shared/contract/recipe.ts'
import type { PlannedRender } from '../types.ts'
import { AUDIO_DECODING_S, CORE_UTILIZATION, LOUDNESS_S, MUXING_MS_PER_MB, START_S } from './cost-model.ts'
import { estimate } from './estimate.ts'

/** About how many CPU seconds the jobs of an expanded task take: all of its chunks together, and each of the others. */
export type JobEstimates = { chunks: number; measure: number; audio: number; stitch: number }

/** Estimates the work of a plan by the jobs that it would be divided into. */
export function estimateJobs(recipe: Recipe, planned: PlannedRender): JobEstimates {
  const { cpuSeconds, files } = estimate(recipe, planned, { cores: 1 })
  const seconds = Math.max(0, ...planned.plan.outputs.map(({ expected }) => expected?.seconds ?? 0))
  const outputs = planned.plan.outputs.map((output) => ({ ...output, video: null }))
  const audible = outputs.filter(({ audio }) => audio).length
  const normalizes = recipe.audio === 'normalize'
  const loudness = normalizes ? LOUDNESS_S * seconds : 0
  const measure = normalizes ? AUDIO_DECODING_S * seconds + loudness : 0
  const soundOnly = estimate(
    { ...recipe, audio: 'keep' },
    { ...planned, plan: { ...planned.plan, outputs } },
    { cores: 1 },
  )
  const audio = audible > 0 ? soundOnly.cpuSeconds + loudness : 0
  const bytes = files.reduce((total, file) => total + file.bytes, 0)
  const stitch = START_S + (bytes / 1e6) * (MUXING_MS_PER_MB / 1000)
  const chunks = Math.max(0, cpuSeconds - audio - measure * (1 + audible))
  return { chunks, measure, audio, stitch }
}

/** CPU seconds that a job with `cores` to itself does in so many seconds of wall clock. */
export const cpuSecondsIn = (seconds: number, cores: number): number =>
  seconds * Math.max(1, CORE_UTILIZATION * cores)
