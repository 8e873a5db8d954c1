import { CutroomError } from '#shared/errors.ts'
import { planEncode } from './encode.ts'
import { planRemux } from './remux.ts'
import type { PlanContext, RenderPlans } from './types.ts'

/**
 * Works out the ffmpeg runs of a recipe: streams that already fit are copied, everything else is encoded.
 * @throws CutroomError `media.impossible` when the recipe does not fit its sources, `upload.not_found` when an image or
 * clip is missing.
 */
export function planRender(context: PlanContext): RenderPlans {
  const remux = planRemux(context)
  try {
    const encode = planEncode(context)
    return remux ? { preferred: remux, fallback: encode } : { preferred: encode, fallback: null }
  } catch (error) {
    // Some streams can be copied but not encoded: no encoder takes a side of 10,000 pixels, say.
    if (remux && error instanceof CutroomError) return { preferred: remux, fallback: null }
    throw error
  }
}
