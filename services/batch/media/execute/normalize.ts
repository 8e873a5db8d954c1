import type { Recipe } from '#shared/contract/recipe.ts'
import type { RenderDeps, RenderOptions } from '../engine.ts'
import { LOGO } from '../logo.ts'
import type { Loudness } from '../plan/audio-filters.ts'
import type { Assets, ProbedSource } from '../plan/layout.ts'
import { planMeasuring } from '../plan/plan.ts'
import type { PlanOptions } from '../plan/types.ts'
import { fileInput } from '../probe/media-input.ts'
import { parseLoudness } from '../probe/parse-loudness.ts'
import type { RenderedFile } from './check-output.ts'

type Options = Pick<RenderOptions, 'signal' | 'deadlineMs' | 'onProgress'>

/** How loud a recipe's content is; undefined for silence. Hears whole per cent of the measuring. */
export async function measureContent(
  recipe: Recipe,
  sources: ProbedSource[],
  assets: Assets,
  planning: PlanOptions,
  { runner, settings }: Pick<RenderDeps, 'runner' | 'settings'>,
  { signal, onProgress = () => {}, deadlineMs = settings.deadlineMs }: Options,
): Promise<Loudness | undefined> {
  if (sources.every(({ info }) => info.audio === null)) return undefined
  const run = planMeasuring(recipe, sources, assets, planning)
  const heard = (share: number) => onProgress(Math.floor(100 * share))
  const { lines } = await runner(run, { deadlineMs, signal, onProgress: heard })
  return parseLoudness(lines)
}

/**
 * The bumper clips of a recipe, with how loud each is by itself: brought to one loudness with the content, a loud
 * clip does not drown a quiet film. Only what is shown of a clip is measured.
 */
export async function measureClips(
  { bumper }: Recipe,
  assets: Assets,
  planning: PlanOptions,
  deps: Pick<RenderDeps, 'runner' | 'settings'>,
  options: Options,
): Promise<Assets> {
  const clips = { ...assets.clips }
  for (const end of [bumper?.intro, bumper?.outro]) {
    const id = end?.clip?.upload_id ?? ''
    const clip = clips[id]
    if (!end || !clip || clip.loudness) continue
    const shown: Recipe = {
      sources: [{ trim: { start: 0, duration: end.seconds, at_most: true } }],
      audio: 'keep',
    }
    clips[id] = { ...clip, loudness: await measureContent(shown, [clip], NO_ASSETS, planning, deps, options) }
  }
  return { ...assets, clips }
}

/** Measures what normalizing came to, in the files that were made. */
export async function addLoudness(
  outputs: RenderedFile[],
  deps: Pick<RenderDeps, 'runner' | 'settings' | 'probe'>,
  { onProgress = () => {}, ...options }: Options,
): Promise<void> {
  const audible = outputs.filter(({ audio_codec: codec }) => codec !== null)
  const planning = { threads: 0, outputDir: '', limits: deps.settings.limits }
  for (const [i, output] of audible.entries()) {
    const input = fileInput(output.path)
    const source = { input, info: await deps.probe(input, options.signal) }
    const heard = (percent: number) => onProgress(Math.floor((100 * i + percent) / audible.length))
    const found = await measureContent(AS_IT_IS, [source], NO_ASSETS, planning, deps, {
      ...options,
      onProgress: heard,
    })
    output.loudness = found ?? null
  }
}

const AS_IT_IS: Recipe = { sources: [{}], audio: 'keep' }
const NO_ASSETS: Assets = { logo: LOGO, images: {} }
