import { toInputs } from './arguments.ts'
import { createFilterGraph } from './filter-graph.ts'
import { planOutputs } from './outputs.ts'
import { planParts } from './parts.ts'
import { planSinglePass } from './single-pass.ts'
import { chooseTarget } from './target.ts'
import { layOutTimeline } from './timeline.ts'
import { addTimeline } from './timeline-graph.ts'
import type { Plan, PlanContext } from './types.ts'

/**
 * A plan that decodes every source once, scales every frame once, and encodes every output once: decide what the
 * sources are brought to, lay them out in time, build the filter graph, choose the encodings, and put all into runs.
 * @throws CutroomError `media.impossible` when the recipe does not fit its sources, `upload.not_found` when an image or
 * clip is missing.
 */
export function planEncode(context: PlanContext): Plan {
  const target = chooseTarget(context)
  const timeline = layOutTimeline(context, target)
  const graph = createFilterGraph()
  const streams = addTimeline(graph, timeline)
  const outputs = planOutputs(context, timeline)
  const inputs = toInputs(timeline, context.limits)
  const composition = { timeline, inputs, graph, streams, outputs }
  return context.recipe.split ? planParts(context, composition) : planSinglePass(context, composition)
}
