import { formatOf } from '#shared/contract/formats.ts'
import { CutroomError } from '#shared/errors.ts'
import { planEncode } from './encode.ts'
import { needsColourConversion } from './filters/colour-conversion.ts'
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
    requireColourConversion(context)
    const encode = planEncode(context)
    return remux ? { preferred: remux, fallback: encode } : { preferred: encode, fallback: null }
  } catch (error) {
    // Some streams can be copied but not encoded: no encoder takes a side of 10,000 pixels, say.
    if (remux && error instanceof CutroomError) return { preferred: remux, fallback: null }
    throw error
  }
}

function requireColourConversion({ outputs, sources, assets, canConvertColours }: PlanContext) {
  if (canConvertColours || outputs.every(({ format }) => formatOf(format).kind === 'audio')) return
  const videos = [...sources, ...Object.values(assets.clips ?? {})].map(({ info }) => info.video)
  const unsupported = videos.find((video) => video && needsColourConversion(video))
  if (!unsupported) return
  throw new CutroomError(
    'media.impossible',
    `The recipe does not fit its sources: one is ${unsupported.hdr ? 'HDR' : 'wide-gamut video'}, and this ffmpeg ` +
      'cannot convert it to BT.709 SDR. Install an ffmpeg with the filters zscale and tonemap.',
  )
}
