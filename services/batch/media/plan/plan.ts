import { formatOf } from '#shared/contract/formats.ts'
import { CutroomError } from '#shared/errors.ts'
import { toInputs } from './arguments.ts'
import { createFilterGraph } from './filter-graph.ts'
import { needsColourConversion } from './filters/colour-conversion.ts'
import { planOutputs } from './outputs.ts'
import { planParts } from './parts.ts'
import { planRemux } from './remux.ts'
import { planSinglePass } from './single-pass.ts'
import { chooseTarget } from './target.ts'
import { layOutTimeline } from './timeline.ts'
import { addTimeline } from './timeline-graph.ts'
import type { Plan, PlanContext, RenderPlans } from './types.ts'

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

/**
 * A plan that decodes every source once, scales every frame once, and encodes every output once: decide what the
 * sources are brought to, lay them out in time, build the filter graph, choose the encodings, and put all into runs.
 * @throws CutroomError `media.impossible` when the recipe does not fit its sources, `upload.not_found` when an image or
 * clip is missing.
 */
function planEncode(context: PlanContext): Plan {
  const target = chooseTarget(context)
  const timeline = layOutTimeline(context, target)
  const graph = createFilterGraph()
  const streams = addTimeline(graph, timeline)
  const outputs = planOutputs(context, timeline)
  const inputs = toInputs(timeline, context.limits)
  const composition = { timeline, inputs, graph, streams, outputs }
  return context.recipe.split ? planParts(context, composition) : planSinglePass(context, composition)
}
