import { assetUploads, outputsOf, type Recipe } from '#shared/contract/recipe.ts'
import { LOGO } from '../logo.ts'
import { needsColourConversion } from '../plan/filters/colour-conversion.ts'
import type { PlanContext, ProbedSource } from '../plan/types.ts'
import type { MediaInput } from '../probe/media-input.ts'
import type { MediaFiles, RenderDeps } from '../types.ts'

/**
 * Probes what a recipe names, and gathers all that its plan depends on.
 * @throws CutroomError what probing throws.
 */
export async function inspectSources(
  recipe: Recipe,
  files: MediaFiles,
  { probe, settings, canConvertColours }: Pick<RenderDeps, 'probe' | 'settings' | 'canConvertColours'>,
  { outputDir, signal }: { outputDir: string; signal: AbortSignal },
): Promise<PlanContext> {
  const probed = async (input: MediaInput): Promise<ProbedSource> => ({
    input,
    info: await probe(input, signal),
  })
  const sources = await Promise.all(files.sources.map(probed))
  const clips: Record<string, ProbedSource> = {}
  for (const id of assetUploads(recipe).clips) {
    const clip = files.clips?.[id]
    if (clip) clips[id] = await probed(clip)
  }
  const videos = [...sources, ...Object.values(clips)].flatMap(({ info }) => info.video ?? [])
  return {
    recipe,
    outputs: outputsOf(recipe),
    sources,
    assets: { logo: LOGO, images: files.images, clips },
    outputDir,
    limits: settings.limits,
    threads: settings.threads,
    canConvertColours: !videos.some(needsColourConversion) || (await canConvertColours()),
  }
}
