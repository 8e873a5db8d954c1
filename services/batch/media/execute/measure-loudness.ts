import { outputsOf, type Recipe } from '#shared/contract/recipe.ts'
import { LOGO } from '../logo.ts'
import { shownSeconds } from '../plan/decoding/changing-audio.ts'
import { planLoudnessRun } from '../plan/loudness.ts'
import { chooseTarget } from '../plan/target.ts'
import type { PlanContext, ProbedSource } from '../plan/types.ts'
import { fileInput, type MediaInput } from '../probe/media-input.ts'
import { type Loudness, parseLoudness } from '../probe/parse-loudness.ts'
import type { RenderDeps, RenderedFile, RenderOptions } from '../types.ts'
import { namingBumper } from './inspect-sources.ts'

type Deps = Pick<RenderDeps, 'runner' | 'settings' | 'probe'>
type Options = Pick<RenderOptions, 'signal' | 'deadlineMs' | 'onProgress'>

/** The context of a recipe that normalizes, with the loudness of its content and of its bumper clips. */
export async function measureLoudness(
  context: PlanContext,
  deps: Deps,
  options: Options,
): Promise<PlanContext> {
  const channels = chooseTarget(context).audio?.channels
  const loudness = await measureContent(context, deps, options, channels)
  const { onProgress: _, ...unreported } = options
  const clips = await measureClips(context, deps, unreported)
  return { ...context, loudness, assets: { ...context.assets, clips } }
}

/** Measures the result of normalizing in the rendered files. */
export async function addLoudness(
  outputs: RenderedFile[],
  deps: Deps,
  { onProgress = () => {}, ...options }: Options,
): Promise<void> {
  const audible = outputs.filter((output) => output.audio_codec !== null)
  for (const [index, output] of audible.entries()) {
    const report = (percent: number) => onProgress(Math.floor((100 * index + percent) / audible.length))
    const measured = await measureFile(fileInput(output.path), deps, { ...options, onProgress: report })
    output.loudness = measured ?? null
  }
}

/**
 * The loudness of a file's audio; undefined for silence.
 * @throws CutroomError what probing and running throw.
 */
export async function measureFile(
  input: MediaInput,
  deps: Deps,
  options: Options,
): Promise<Loudness | undefined> {
  const source = { input, ...(await deps.probe(input, options.signal)) }
  return measureContent(contextOf({ sources: [{}], audio: 'keep' }, source, deps), deps, options)
}

/**
 * The bumper clips, each with its own loudness: brought to one loudness with the content, a loud clip does not drown a
 * quiet film. Only what is shown of a clip is measured.
 */
async function measureClips(
  { recipe, assets }: PlanContext,
  deps: Deps,
  options: Options,
): Promise<Record<string, ProbedSource>> {
  const clips = { ...assets.clips }
  for (const [id, clip] of Object.entries(clips)) {
    const trim = { start: 0, duration: shownSeconds(id, recipe), at_most: true }
    const context = contextOf({ sources: [{ trim }], audio: 'keep' }, clip, deps)
    // Bumpers are part of video, whose audio is stereo.
    const loudness = await measureContent(context, deps, options, 2).catch(namingBumper)
    clips[id] = { ...clip, loudness }
  }
  return clips
}

const contextOf = (recipe: Recipe, source: ProbedSource, { settings }: Deps): PlanContext => ({
  recipe,
  outputs: outputsOf(recipe),
  sources: [source],
  assets: { logo: LOGO, images: {} },
  outputDir: '',
  limits: settings.limits,
  threads: settings.threads,
  canConvertColours: false,
})

/** The loudness of a recipe's content; undefined for silence. */
async function measureContent(
  context: PlanContext,
  { runner, settings }: Deps,
  { signal, onProgress = () => {}, deadlineMs = settings.deadlineMs }: Options,
  channels?: 1 | 2,
): Promise<Loudness | undefined> {
  if (context.sources.every(({ info }) => info.audio === null)) return undefined
  const report = (share: number) => onProgress(Math.floor(100 * share))
  const { lines } = await runner(planLoudnessRun(context, channels), {
    deadlineMs,
    signal,
    onProgress: report,
  })
  return parseLoudness(lines)
}
