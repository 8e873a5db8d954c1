import { assetUploads, type Recipe } from '#shared/contract/recipe.ts'
import type { MediaFiles, RenderDeps } from '../engine.ts'
import { LOGO } from '../logo.ts'
import type { Assets, ProbedSource } from '../plan/layout.ts'
import type { PlanOptions } from '../plan/types.ts'
import type { MediaInput } from '../probe/media-input.ts'

/** What a recipe works on, with all that can be found out about it before it is planned. */
export type InspectedSources = { sources: ProbedSource[]; assets: Assets; planning: PlanOptions }

/** Probes what a recipe names. Throws the codes of probe. */
export async function inspectSources(
  recipe: Recipe,
  files: MediaFiles,
  outputDir: string,
  { probe, settings, toneMap }: Pick<RenderDeps, 'probe' | 'settings' | 'toneMap'>,
  signal: AbortSignal,
): Promise<InspectedSources> {
  const probed = async (input: MediaInput): Promise<ProbedSource> => ({
    input,
    info: await probe(input, signal),
  })
  const sources = await Promise.all(files.sources.map(probed))
  const clips: NonNullable<Assets['clips']> = {}
  for (const id of assetUploads(recipe).clips) {
    const clip = files.clips?.[id]
    if (clip) clips[id] = await probed(clip)
  }
  const { threads, limits } = settings
  const sdr = sources.every(({ info }) => !info.video?.hdr)
  return {
    sources,
    assets: { logo: LOGO, images: files.images, clips },
    planning: { threads, outputDir, limits, toneMap: sdr || (await toneMap()) },
  }
}
