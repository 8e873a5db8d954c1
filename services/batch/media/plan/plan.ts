import { CutroomError } from '#shared/errors.ts'
import { FilterGraph } from './filter-graph.ts'
import { planOutputs } from './outputs.ts'
import { planParts } from './parts.ts'
import { planRemux } from './remux.ts'
import { planSinglePass } from './single-pass.ts'
import { chooseTarget } from './target.ts'
import { layOutTimeline } from './timeline.ts'
import { addTimeline } from './timeline-graph.ts'
import type { Plan, PlanContext, RenderPlans } from './types.ts'

/**
 * Works out the ffmpeg runs of a recipe. Streams that already fit are copied; else every source is decoded once, every
 * frame scaled once, and every output encoded once.
 * @throws CutroomError `media.impossible` when the recipe does not fit its sources, `upload.not_found` when an image or
 * clip is missing.
 */
export function planRender(context: PlanContext): RenderPlans {
  requireToneMapping(context)
  const remux = planRemux(context)
  if (remux) return { preferred: remux, fallback: planFallback(context) }
  return { preferred: planEncode(context), fallback: null }
}

/** Decide the target, lay the clips out in time, build the graph, choose the encodings, and put them into runs. */
function planEncode(context: PlanContext): Plan {
  const target = chooseTarget(context)
  const timeline = layOutTimeline(context, target)
  const graph = new FilterGraph()
  const streams = addTimeline(graph, timeline)
  const outputs = planOutputs(context, timeline)
  const composition = { timeline, graph, streams, outputs }
  return context.recipe.split ? planParts(context, composition) : planSinglePass(context, composition)
}

/** Null when streams can be copied but not encoded: no encoder takes a side of 10,000 pixels, say. */
function planFallback(context: PlanContext): Plan | null {
  try {
    return planEncode(context)
  } catch (error) {
    if (error instanceof CutroomError) return null
    throw error
  }
}

function requireToneMapping({ sources, canToneMap }: PlanContext) {
  if (canToneMap || sources.every(({ info }) => !info.video?.hdr)) return
  throw new CutroomError(
    'media.impossible',
    'The recipe does not fit its sources: one is HDR, and this ffmpeg cannot convert it to SDR. ' +
      'Install an ffmpeg with the filters zscale and tonemap.',
  )
}
