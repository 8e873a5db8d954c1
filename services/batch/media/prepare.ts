import { type Recipe, uploadsBeside } from '#shared/contract/recipe.ts'
import { LOGO } from './logo.ts'
import type { MakeDeps, MediaFiles } from './make.ts'
import type { MediaInput } from './media-input.ts'
import type { PlanOptions } from './plan-types.ts'
import type { Assets, ProbedSource } from './segments.ts'

/** What a recipe works on, with all that can be found out about it before it is planned. */
export type Prepared = { sources: ProbedSource[]; assets: Assets; planning: PlanOptions }

/** Probes what a recipe names. Throws the codes of probe. */
export async function prepare(
  recipe: Recipe,
  files: MediaFiles,
  outputDir: string,
  { probe, settings, toneMap }: Pick<MakeDeps, 'probe' | 'settings' | 'toneMap'>,
  signal: AbortSignal,
): Promise<Prepared> {
  const probed = async (input: MediaInput): Promise<ProbedSource> => ({
    input,
    info: await probe(input, signal),
  })
  const sources = await Promise.all(files.sources.map(probed))
  const clips: NonNullable<Assets['clips']> = {}
  for (const id of uploadsBeside(recipe).clips) {
    const clip = files.clips?.[id]
    if (clip) clips[id] = await probed(clip)
  }
  const { threads, limits } = settings
  const sdr = sources.every(({ info }) => !info.video?.hdr)
  return {
    sources,
    assets: { logo: LOGO, pictures: files.pictures, clips },
    planning: { threads, outputDir, limits, toneMap: sdr || (await toneMap()) },
  }
}
