import type { Recipe } from '#shared/contract/recipe.ts'
import { CutroomError } from '#shared/errors.ts'
import type { PlannedRender } from '../types.ts'
import { type Circumstances, estimate } from './estimate.ts'

/** Throws `media.too_long` for a plan that is hopeless to begin. */
export type RequireFit = (recipe: Recipe, drafted: PlannedRender) => void

/** Estimates are rough: only work that would miss the limit by this factor is refused, the rest may try. */
export const HOPELESS = 3

/** Refuses plans whose estimate is more than three times the limit, in milliseconds of wall clock. */
export function createRequireFit(limitMs: number, circumstances: Circumstances): RequireFit {
  return (recipe, drafted) => {
    const { seconds } = estimate(recipe, drafted, circumstances)
    if (seconds * 1000 <= limitMs * HOPELESS) return
    throw new CutroomError(
      'media.too_long',
      `The work would take about ${said(seconds)}, and it may take ${said(limitMs / 1000)}: keep less of the ` +
        'source, or ask for fewer, smaller or quicker outputs (quality draft).',
    )
  }
}

const said = (seconds: number) =>
  seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} minutes`
