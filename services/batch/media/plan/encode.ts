import { formatOf } from '#shared/contract/formats.ts'
import { hasParts } from '#shared/contract/recipe.ts'
import { CutroomError } from '#shared/errors.ts'
import { toInputs } from './arguments.ts'
import { createFilterGraph } from './filter-graph.ts'
import { needsColourConversion } from './filters/colour-conversion.ts'
import { reportedStreams } from './filters/frame-reports.ts'
import { planOutputs } from './outputs.ts'
import { planParts, requireFewParts } from './parts.ts'
import { planSinglePass } from './single-pass.ts'
import { chooseTarget } from './target.ts'
import { planThumbnails } from './thumbnails.ts'
import { layOutTimeline } from './timeline.ts'
import { addTimeline } from './timeline-graph.ts'
import type { Plan, PlanContext } from './types.ts'

/**
 * A plan that decodes every source once, scales every frame once, and encodes every output once: decide what the
 * sources are brought to, lay them out in time, build the filter graph, choose the encodings, and put all into runs.
 * @throws CutroomError `media.impossible` when the recipe does not fit its sources or gives too many parts, `upload.not_found` when an image or
 * clip is missing.
 */
export function planEncode(context: PlanContext): Plan {
  requireColourConversion(context)
  const target = chooseTarget(context)
  const timeline = layOutTimeline(context, target)
  // Before the graph: with bumpers, every part has filters of its own.
  requireFewParts(timeline)
  const graph = createFilterGraph()
  const streams = addTimeline(graph, timeline)
  const outputs = planOutputs(context, timeline)
  const inputs = toInputs(timeline, context.limits)
  const composition = { timeline, inputs, graph, streams, outputs }
  const plan = hasParts(context.recipe)
    ? planParts(context, composition)
    : planSinglePass(composition, planThumbnails(context, timeline))
  return { ...plan, reported: reportedStreams(timeline) }
}

function requireColourConversion({ outputs, sources, assets, canConvertColours }: PlanContext) {
  if (outputs.every(({ format }) => formatOf(format).kind === 'audio')) return
  const videos = [...sources, ...Object.values(assets.clips ?? {})].map(({ info }) => info.video)
  const dolbyVision = videos.find((video) => video?.dolby_vision !== undefined)
  if (dolbyVision) {
    throw new CutroomError(
      'media.impossible',
      `The recipe does not fit its sources: one is Dolby Vision of profile ${dolbyVision.dolby_vision}, whose colours only a decoder ` +
        'of Dolby Vision knows. Export it as HDR10, HLG or SDR.',
    )
  }
  if (canConvertColours) return
  const unsupported = videos.find((video) => video && needsColourConversion(video))
  if (!unsupported) return
  throw new CutroomError(
    'media.impossible',
    `The recipe does not fit its sources: one is ${unsupported.hdr ? 'HDR' : 'wide-gamut video'}, and this ffmpeg ` +
      'cannot convert it to BT.709 SDR. Install an ffmpeg with the filters zscale and tonemap.',
  )
}
