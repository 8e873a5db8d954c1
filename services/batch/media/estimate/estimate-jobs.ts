import type { Recipe } from '#shared/contract/recipe.ts'
import type { PlannedOutput } from '../plan/types.ts'
import type { PlannedRender } from '../types.ts'
import {
  AUDIO_DECODING_S,
  CORE_UTILIZATION,
  LOUDNESS_S,
  MUXING_MS_PER_MB,
  NORMALIZING_S,
  START_S,
} from './cost-model.ts'
import { estimate } from './estimate.ts'

/** About how many CPU seconds the jobs of an expanded task take: all of its chunks together, and each of the others. */
export type JobEstimates = { chunks: number; measure: number; audio: number; stitch: number }

/** Estimates the work of a plan by the jobs that it would be divided into. */
export function estimateJobs(recipe: Recipe, planned: PlannedRender): JobEstimates {
  const { outputs } = planned.plan
  const seconds = Math.max(0, ...outputs.map(({ expected }) => expected?.seconds ?? 0))
  const hasAudio = outputs.some(({ audio }) => audio)
  const normalized = recipe.audio === 'normalize' && hasAudio ? seconds : 0
  const cpuSecondsOf = (kept: PlannedOutput[]) =>
    estimate({ ...recipe, audio: 'keep' }, { ...planned, plan: { ...planned.plan, outputs: kept } }, ONE_CORE)
      .cpuSeconds
  const bytes = estimate(recipe, planned, ONE_CORE).files.reduce((total, file) => total + file.bytes, 0)
  return {
    chunks: cpuSecondsOf(outputs.map((output) => ({ ...output, audio: null }))),
    measure: (AUDIO_DECODING_S + LOUDNESS_S) * normalized,
    audio: hasAudio
      ? NORMALIZING_S * normalized + cpuSecondsOf(outputs.map((output) => ({ ...output, video: null })))
      : 0,
    stitch: START_S + (bytes / 1e6) * (MUXING_MS_PER_MB / 1000),
  }
}

const ONE_CORE = { cores: 1 }

/** CPU seconds that a job with `cores` to itself does in so many seconds of wall clock. */
export const cpuSecondsIn = (seconds: number, cores: number): number =>
  seconds * Math.max(1, CORE_UTILIZATION * cores)
