import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { Recipe } from '#shared/contract/recipe.ts'
import { asCutroomError } from '#shared/errors.ts'
import type { Logger } from '#shared/observability/logger.ts'
import type { RenderedFile } from './execute/check-output.ts'
import { executePlan } from './execute/execute-plan.ts'
import { inspectSources } from './execute/inspect-sources.ts'
import { addLoudness, measureClips, measureContent } from './execute/normalize.ts'
import type { StreamOutput } from './execute/output-streams.ts'
import { progressSteps } from './execute/progress-steps.ts'
import { type ScratchQuota, watchScratchQuota } from './execute/scratch-quota.ts'
import { canToneMap } from './ffmpeg/capabilities.ts'
import { createRunner, type Runner } from './ffmpeg/run-ffmpeg.ts'
import type { Loudness } from './plan/audio-filters.ts'
import type { Assets, ProbedSource } from './plan/layout.ts'
import { planRender } from './plan/plan.ts'
import type { MediaInput, MediaLimits } from './probe/media-input.ts'
import { createProbe, type Probe } from './probe/probe.ts'
import type { PlannedRender } from './types.ts'

/** The settings of media work: `config.media`. */
export type MediaSettings = {
  ffmpeg: string
  ffprobe: string
  threads: number
  deadlineMs: number
  memoryBytes: number
  limits: MediaLimits
}

/**
 * What a recipe works on: a source for each of its sources, in order; and by upload id what it names beside
 * them (`uploadsBeside` tells which): pictures, and clips.
 */
export type MediaFiles = {
  sources: MediaInput[]
  images: Record<string, MediaInput>
  clips?: Record<string, MediaInput>
}

export type RenderOptions = {
  /** A folder for the outputs, which is there and empty. */
  outputDir: string
  /** All scratch space of the job, the folder for the outputs within it; that folder when left out. */
  scratchDir?: string
  signal: AbortSignal
  /** Wall clock of each ffmpeg run; the setting when left out. */
  deadlineMs?: number
  /** Hears whole per cent, 0 to 100, never falling. */
  onProgress?: (percent: number) => void
  /** Hears what is going to be done, before it is. What it throws ends the making. */
  onPlan?: (drafted: PlannedRender) => void
  /** Takes outputs away while they are made; without it all of them lie in the folder. */
  send?: StreamOutput
}

/** What a recipe came to: what each source is, and its checked outputs. */
export type RenderResult = { sources: MediaInfo[]; outputs: RenderedFile[] }

/** Media work: `probe` says what a source is, `draft` what a recipe is going to be, `make` carries it out. */
export type MediaEngine = {
  probe: Probe
  dryRun(recipe: Recipe, files: MediaFiles, signal: AbortSignal): Promise<PlannedRender>
  render(recipe: Recipe, files: MediaFiles, options: RenderOptions): Promise<RenderResult>
}

/** What making needs. */
export type RenderDeps = {
  probe: Probe
  runner: Runner
  toneMap: () => Promise<boolean>
  settings: MediaSettings
  log: Logger
}

/** The niceness of media work: heartbeats and abort marks of the process around it must not wait for an encoder. */
export const NICENESS = 5
const PROBE_DEADLINE_MS = 30_000

/** The media engine over the ffmpeg and ffprobe of the settings. */
export function createMediaEngine(settings: MediaSettings, log: Logger): MediaEngine {
  const { limits } = settings
  const guard = { memoryBytes: settings.memoryBytes, niceness: NICENESS }
  const probe = createProbe({ ffprobe: settings.ffprobe, limits, guard, deadlineMs: PROBE_DEADLINE_MS, log })
  const runner = createRunner({ ffmpeg: settings.ffmpeg, guard })
  const deps: RenderDeps = { probe, runner, toneMap: canToneMap(settings.ffmpeg, guard), settings, log }
  return {
    probe,
    dryRun: (recipe, files, signal) => draft(recipe, files, deps, signal),
    render: (recipe, files, options) => renderOutputs(recipe, files, deps, options),
  }
}

/** Plans a recipe and does nothing more. Throws the codes of probe and plan. */
async function draft(
  recipe: Recipe,
  files: MediaFiles,
  deps: RenderDeps,
  signal: AbortSignal,
): Promise<PlannedRender> {
  const { sources, assets, planning } = await inspectSources(recipe, files, '.', deps, signal)
  return { sources: infosOf(sources), plan: planRender(recipe, sources, assets, { ...planning, copy: true }) }
}

/**
 * Carries out a recipe: probes its sources, plans, runs ffmpeg, and checks what came out. Throws the codes of
 * probe, plan, run and verify, and `media.limits` when it takes too much scratch space; a source's own fault stands
 * in place of what ffmpeg made of it.
 */
export async function renderOutputs(
  recipe: Recipe,
  files: MediaFiles,
  deps: RenderDeps,
  options: RenderOptions,
): Promise<RenderResult> {
  const { outputDir, scratchDir = outputDir } = options
  using watch = watchScratchQuota(scratchDir, deps.settings.limits.scratchBytes)
  const signal = AbortSignal.any([options.signal, watch.signal])
  // Awaited: the watch ends with this function.
  return await renderWithinQuota(
    recipe,
    files,
    { ...deps, runner: watched(deps.runner, watch) },
    { ...options, signal },
  )
}

/** A runner whose runs count only when they left the scratch space within its bound. */
const watched =
  (runner: Runner, watch: ScratchQuota): Runner =>
  async (run, options) => {
    const ran = await runner(run, options)
    await watch.demand()
    return ran
  }

async function renderWithinQuota(
  recipe: Recipe,
  files: MediaFiles,
  deps: RenderDeps,
  options: RenderOptions,
): Promise<RenderResult> {
  const startedAt = performance.now()
  const { sources, assets, planning } = await inspectSources(
    recipe,
    files,
    options.outputDir,
    deps,
    options.signal,
  )
  const planWith = (copy: boolean, loudness?: Loudness, heard: Assets = assets) =>
    planRender(recipe, sources, heard, { ...planning, copy }, loudness)
  const tell = (copy: boolean) => options.onPlan?.({ sources: infosOf(sources), plan: planWith(copy) })
  tell(true)
  const normalizes = recipe.audio === 'normalize'
  const { hear, step } = progressSteps(normalizes, options)
  const loudness = normalizes
    ? await measureContent(recipe, sources, assets, planning, deps, step('measure'))
    : undefined
  const heard = normalizes
    ? await measureClips(recipe, assets, planning, deps, { ...options, onProgress: () => {} })
    : assets
  const plan = (copy: boolean) => planWith(copy, loudness, heard)
  // What normalizing came to is measured in the file.
  const { send, ...unsent } = step('make')
  const making = normalizes || !send ? unsent : { ...unsent, send }
  const outputs = await executePlan(plan(true), files, deps, making).catch((thrown: unknown) => {
    // What cannot be taken as it is can mostly be encoded: odd timestamps, for one.
    if (!plan(true).copies || !MAY_BE_THE_COPY.test(asCutroomError(thrown).code)) throw thrown
    deps.log.debug('streams could not be taken as they are, encoding them')
    tell(false)
    return executePlan(plan(false), files, deps, making)
  })
  if (normalizes) await addLoudness(outputs, deps, step('measure again'))
  const ms = Math.round(performance.now() - startedAt)
  deps.log.info('media made', { outputs: outputs.length, ms })
  hear(100)
  return { sources: infosOf(sources), outputs }
}

const infosOf = (sources: ProbedSource[]): MediaInfo[] => sources.map(({ info }) => info)

const MAY_BE_THE_COPY = /^media\.(failed|wrong_result|damaged)$/
