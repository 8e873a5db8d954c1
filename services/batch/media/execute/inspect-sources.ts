import { assetUploads, outputsOf, type Recipe } from '#shared/contract/recipe.ts'
import { LOGO } from '../logo.ts'
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
  {
    probe,
    findKeyFrame,
    settings,
    canToneMap,
  }: Pick<RenderDeps, 'probe' | 'findKeyFrame' | 'settings' | 'canToneMap'>,
  { outputDir, signal }: { outputDir: string; signal: AbortSignal },
): Promise<PlanContext> {
  const probed = async (input: MediaInput, start = 0): Promise<ProbedSource> => {
    const found = await probe(input, signal)
    const keyFrame = await findKeyFrame(input, found, start, signal)
    return { input, info: found.info, times: found.times, keyFrame }
  }
  const sources = await Promise.all(
    files.sources.map((input, i) => probed(input, recipe.sources[i]?.trim?.start)),
  )
  const clips: Record<string, ProbedSource> = {}
  for (const id of assetUploads(recipe).clips) {
    const clip = files.clips?.[id]
    if (clip) clips[id] = await probed(clip)
  }
  const isSdr = sources.every(({ info }) => !info.video?.hdr)
  return {
    recipe,
    outputs: outputsOf(recipe),
    sources,
    assets: { logo: LOGO, images: files.images, clips },
    outputDir,
    limits: settings.limits,
    threads: settings.threads,
    canToneMap: isSdr || (await canToneMap()),
  }
}
