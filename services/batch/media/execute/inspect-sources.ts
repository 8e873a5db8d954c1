import { assetUploads, outputsOf, type Recipe } from '#shared/contract/recipe.ts'
import { CutroomError } from '#shared/errors.ts'
import { LOGO } from '../logo.ts'
import { needsColourConversion } from '../plan/filters/colour-conversion.ts'
import type { PlanContext, ProbedSource } from '../plan/types.ts'
import type { MediaInput } from '../probe/media-input.ts'
import type { ProbeResult } from '../probe/probe.ts'
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
    findX264Build,
    findUncountedStart,
    findKeyFrame,
    settings,
    canConvertColours,
  }: Pick<
    RenderDeps,
    'probe' | 'findX264Build' | 'findUncountedStart' | 'findKeyFrame' | 'settings' | 'canConvertColours'
  >,
  { outputDir, signal }: { outputDir: string; signal: AbortSignal },
): Promise<PlanContext> {
  const probes = new Map<MediaInput, Promise<ProbeResult>>()
  const probeWhole = async (input: MediaInput): Promise<ProbeResult> => {
    const found = await probe(input, signal)
    const [build, uncountedStart] = await Promise.all([
      findX264Build(input, found, signal),
      findUncountedStart(input, found, signal),
    ])
    const { info, times } = found
    return {
      ...found,
      ...(info.video &&
        build !== undefined && { info: { ...info, video: { ...info.video, x264_build: build } } }),
      ...(times && { times: { ...times, uncountedStart } }),
    }
  }
  const probeOnce = (input: MediaInput): Promise<ProbeResult> => {
    const known = probes.get(input) ?? probeWhole(input)
    probes.set(input, known)
    return known
  }
  const probed = async (input: MediaInput, start = 0): Promise<ProbedSource> => {
    const found = await probeOnce(input)
    const keyFrame = await findKeyFrame(input, found, start, signal)
    return { input, ...found, keyFrame }
  }
  const probedSources = await Promise.all(
    files.sources.map((input, i) => probed(input, recipe.sources[i]?.trim?.start)),
  )
  const probedClips: [string, ProbedSource][] = []
  for (const id of assetUploads(recipe).clips) {
    const clip = files.clips?.[id]
    if (clip) probedClips.push([id, await probed(clip).catch(namingBumper)])
  }
  const longestGap = [...probedSources, ...probedClips.map(([, clip]) => clip)]
    .map(({ times }) => times?.longestGap)
    .find((gap) => gap !== undefined)
  const sources = probedSources.map((source) => withLongestGap(source, longestGap))
  const clips = Object.fromEntries(probedClips.map(([id, clip]) => [id, withLongestGap(clip, longestGap)]))
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

/** ffmpeg has one longest gap for all inputs of a run, where one of them needs a shorter one than usual. */
const withLongestGap = (source: ProbedSource, longestGap: number | undefined): ProbedSource =>
  source.times && longestGap !== undefined ? { ...source, times: { ...source.times, longestGap } } : source

/** Rethrows what is wrong with a bumper clip, naming it: a probe calls every file the source. */
export function namingBumper(error: unknown): never {
  if (!(error instanceof CutroomError) || !error.code.startsWith('media.')) throw error
  const message = error.message.replace(/\bthe source\b/gi, (words) => `${words.slice(0, 3)} bumper clip`)
  throw new CutroomError(error.code, message, {
    cause: error,
    ...(error.logTail && { logTail: error.logTail }),
  })
}
