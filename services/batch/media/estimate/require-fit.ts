import type { Recipe } from '#shared/contract/recipe.ts'
import { CutroomError } from '#shared/errors.ts'
import type { PlannedRender } from '../types.ts'
import { type Circumstances, estimate } from './estimate.ts'

/**
 * Refuses a plan that is hopeless to start.
 * @throws CutroomError `media.too_long`
 */
export type RequireFit = (recipe: Recipe, planned: PlannedRender) => void

/** Estimates are rough: only a plan that would miss the limit by this factor is refused, the rest may try. */
const HOPELESS_FACTOR = 3

/** Refuses plans whose estimate is more than three times the limit, in milliseconds of wall clock. */
export function createRequireFit(limitMs: number, circumstances: Circumstances): RequireFit {
  return (recipe, planned) => {
    const { seconds } = estimate(recipe, planned, circumstances)
    if (seconds * 1000 <= limitMs * HOPELESS_FACTOR) return
    throw new CutroomError(
      'media.too_long',
      `The work would take about ${duration(seconds)}, and it may take ${duration(limitMs / 1000)}. Keep less of ` +
        'the source, or choose fewer, smaller or faster outputs (quality draft).',
    )
  }
}

const duration = (seconds: number) =>
  seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} minutes`
