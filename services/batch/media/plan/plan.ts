import { type Output, outputsOf, type Recipe } from '#shared/contract/recipe.ts'
import { CutroomError } from '#shared/errors.ts'
import { commandLine, type Run } from '../ffmpeg/command-line.ts'
import { type Loudness, measuring } from './audio-filters.ts'
import { type Assets, layOut, type ProbedSource } from './layout.ts'
import { planParts } from './parts.ts'
import { planRemux } from './remux.ts'
import { planSinglePass } from './single-pass.ts'
import { targetOf } from './target.ts'
import { drawTimeline } from './timeline.ts'
import type { Plan, PlanOptions } from './types.ts'

/**
 * Works out the ffmpeg runs of a recipe: every source decoded once, every frame framed once, every output
 * encoded once, and what already fits not at all. `loudness` is what measuring found, for recipes that
 * normalize. Throws `media.impossible` when the recipe does not fit what the sources are.
 */
export function planRender(
  recipe: Recipe,
  sources: ProbedSource[],
  assets: Assets,
  options: PlanOptions,
  loudness?: Loudness,
): Plan {
  demandToneMap(sources, options)
  const outputs = outputsOf(recipe)
  const copied = options.copy ? planRemux(recipe, outputs, sources, options) : undefined
  if (copied) return finished(copied)
  const target = targetOf(
    recipe,
    sources.map(({ info }) => info),
  )
  const layout = layOut(recipe, sources, assets, target, options.limits)
  if (recipe.split)
    return finished(planParts(recipe, outputs[0] as Output, layout, target, options, loudness))
  return finished(planSinglePass(recipe, outputs, layout, target, options, loudness))
}

/** The run that measures the loudness of a recipe's content; the sound alone is decoded. */
export function planMeasuring(
  recipe: Recipe,
  sources: ProbedSource[],
  assets: Assets,
  options: PlanOptions,
): Run {
  const only = { ...recipe, bumper: undefined, watermark: undefined, output: undefined, outputs: [MEASURED] }
  const target = targetOf(
    only,
    sources.map(({ info }) => info),
  )
  const layout = layOut(only, sources, assets, target, options.limits)
  const { chains, audio, parts } = drawTimeline(layout, target, {})
  return {
    inputs: layout.inputs,
    graph: [...chains, `[${audio}]${measuring.join()}[m]`].join(';'),
    // Its findings are printed as information.
    files: [{ path: '-', options: ['-map', '[m]', '-loglevel', 'info', '-f', 'null'] }],
    seconds: parts.reduce((sum, ticks) => sum + ticks, 0) / target.rate.num,
  }
}
const MEASURED: Output = { format: 'wav' }

const finished = (plan: Omit<Plan, 'runs'> & { runs: Run[] }): Plan => ({
  ...plan,
  runs: plan.runs.map((run) => ({ ...run, args: commandLine(run) })),
})

function demandToneMap(sources: ProbedSource[], { toneMap = true }: PlanOptions) {
  if (!toneMap && sources.some(({ info }) => info.video?.hdr))
    throw new CutroomError(
      'media.impossible',
      'The recipe does not fit: a source is HDR, and this ffmpeg has no zscale and tonemap to bring it to SDR.',
    )
}
