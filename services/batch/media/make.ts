import { fileURLToPath } from 'node:url'
import type { MediaInfo } from '#shared/contract/media-info.ts'
import { type Recipe, uploadsBeside } from '#shared/contract/recipe.ts'
import { asCutroomError } from '#shared/errors.ts'
import type { Logger } from '#shared/logger.ts'
import { checkOutput, type Made } from './check-output.ts'
import type { Drafted } from './drafted.ts'
import { parseLoudness } from './loudness.ts'
import { fileInput, type MediaInput, type MediaLimits } from './media-input.ts'
import { planEdit, planMeasuring } from './plan.ts'
import type { Plan, PlanOptions } from './plan-types.ts'
import { createProbe, type Probe } from './probe.ts'
import { createRunner, type Runner } from './run.ts'
import { runPlan } from './run-plan.ts'
import type { Assets, ProbedSource } from './segments.ts'
import type { Loudness } from './sounds.ts'
import { canToneMap } from './tone-mapping.ts'

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
  pictures: Record<string, MediaInput>
  clips?: Record<string, MediaInput>
}

export type MakeOptions = {
  /** A folder for the outputs, which is there and empty. */
  outputDir: string
  signal: AbortSignal
  /** Wall clock of each ffmpeg run; the setting when left out. */
  deadlineMs?: number
  /** Hears whole per cent, 0 to 100, never falling. */
  onProgress?: (percent: number) => void
  /** Hears what is going to be done, before it is. What it throws ends the making. */
  onPlan?: (drafted: Drafted) => void
}

/** What a recipe came to: what each source is, and its checked outputs. */
export type Making = { sources: MediaInfo[]; outputs: Made[] }

/** Media work: `probe` says what a source is, `draft` what a recipe is going to be, `make` carries it out. */
export type MediaEngine = {
  probe: Probe
  draft(recipe: Recipe, files: MediaFiles, signal: AbortSignal): Promise<Drafted>
  make(recipe: Recipe, files: MediaFiles, options: MakeOptions): Promise<Making>
}

/** What making needs. */
export type MakeDeps = {
  probe: Probe
  runner: Runner
  toneMap: () => Promise<boolean>
  settings: MediaSettings
  log: Logger
}

const LOGO = fileInput(fileURLToPath(new URL('assets/logo.png', import.meta.url)))
// Heartbeats and abort marks of the process around it must not wait for an encoder.
const NICENESS = 5
const PROBE_DEADLINE_MS = 30_000

/** The media engine over the ffmpeg and ffprobe of the settings. */
export function createMediaEngine(settings: MediaSettings, log: Logger): MediaEngine {
  const { limits } = settings
  const guard = { memoryBytes: settings.memoryBytes, niceness: NICENESS }
  const probe = createProbe({ ffprobe: settings.ffprobe, limits, guard, deadlineMs: PROBE_DEADLINE_MS, log })
  const runner = createRunner({ ffmpeg: settings.ffmpeg, guard })
  const deps: MakeDeps = { probe, runner, toneMap: canToneMap(settings.ffmpeg, guard), settings, log }
  return {
    probe,
    draft: (recipe, files, signal) => draft(recipe, files, deps, signal),
    make: (recipe, files, options) => makeOutputs(recipe, files, deps, options),
  }
}

/** Plans a recipe and does nothing more. Throws the codes of probe and plan. */
async function draft(
  recipe: Recipe,
  files: MediaFiles,
  deps: MakeDeps,
  signal: AbortSignal,
): Promise<Drafted> {
  const { sources, assets } = await probeAll(recipe, files, deps, signal)
  const planning = await planningFor(sources, '.', deps)
  return { sources: infosOf(sources), plan: planEdit(recipe, sources, assets, { ...planning, copy: true }) }
}

/**
 * Carries out a recipe: probes its sources, plans, runs ffmpeg, and checks what came out. Throws the codes of
 * probe, plan, run and verify; a source's own fault stands in place of what ffmpeg made of it.
 */
export async function makeOutputs(
  recipe: Recipe,
  files: MediaFiles,
  deps: MakeDeps,
  options: MakeOptions,
): Promise<Making> {
  const startedAt = performance.now()
  const { sources, assets } = await probeAll(recipe, files, deps, options.signal)
  const planning = await planningFor(sources, options.outputDir, deps)
  const planWith = (copy: boolean, loudness?: Loudness) =>
    planEdit(recipe, sources, assets, { ...planning, copy }, loudness)
  const tell = (copy: boolean) => options.onPlan?.({ sources: infosOf(sources), plan: planWith(copy) })
  tell(true)
  const loudness =
    recipe.audio === 'normalize' ? await measure(recipe, sources, assets, planning, deps, options) : undefined
  const plan = (copy: boolean) => planWith(copy, loudness)
  const outputs = await carryOut(plan(true), files, deps, options).catch((thrown: unknown) => {
    // What cannot be taken as it is can mostly be encoded: odd timestamps, for one.
    if (!plan(true).copies || !MAY_BE_THE_COPY.test(asCutroomError(thrown).code)) throw thrown
    deps.log.debug('streams could not be taken as they are, encoding them')
    tell(false)
    return carryOut(plan(false), files, deps, options)
  })
  if (recipe.audio === 'normalize') await addLoudness(outputs, deps, options)
  const ms = Math.round(performance.now() - startedAt)
  deps.log.info('media made', { outputs: outputs.length, ms })
  options.onProgress?.(100)
  return { sources: infosOf(sources), outputs }
}

const infosOf = (sources: ProbedSource[]): MediaInfo[] => sources.map(({ info }) => info)

const planningFor = async (
  sources: ProbedSource[],
  outputDir: string,
  { settings: { threads, limits }, toneMap }: MakeDeps,
): Promise<PlanOptions> => ({
  threads,
  outputDir,
  limits,
  toneMap: sources.every(({ info }) => !info.video?.hdr) || (await toneMap()),
})

const CHECKS_AT_ONCE = 4
const MAY_BE_THE_COPY = /^media\.(failed|wrong_result|damaged)$/

async function carryOut(
  plan: Plan,
  files: MediaFiles,
  deps: MakeDeps,
  options: MakeOptions,
): Promise<Made[]> {
  const ran = await runPlan(plan, files, deps, options)
  const made: Made[] = []
  // A few at a time: a plan may have hundreds of parts.
  for (let i = 0; i < plan.outputs.length; i += CHECKS_AT_ONCE) {
    const some = plan.outputs.slice(i, i + CHECKS_AT_ONCE)
    made.push(...(await Promise.all(some.map((output) => checkOutput(output, ran, deps, options.signal)))))
  }
  return made
}

async function probeAll(recipe: Recipe, files: MediaFiles, { probe }: MakeDeps, signal: AbortSignal) {
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
  return { sources, assets: { logo: LOGO, pictures: files.pictures, clips } }
}

async function measure(
  recipe: Recipe,
  sources: ProbedSource[],
  assets: Assets,
  planning: PlanOptions,
  deps: MakeDeps,
  { signal, deadlineMs = deps.settings.deadlineMs }: MakeOptions,
) {
  if (sources.every(({ info }) => info.audio === null)) return undefined
  const { lines } = await deps.runner(planMeasuring(recipe, sources, assets, planning), {
    deadlineMs,
    signal,
  })
  return parseLoudness(lines)
}

/** Measures what normalizing came to, in the file that was made. */
async function addLoudness(
  outputs: Made[],
  deps: MakeDeps,
  { signal, deadlineMs = deps.settings.deadlineMs }: MakeOptions,
) {
  for (const output of outputs) {
    if (output.audio_codec === null) continue
    const input = fileInput(output.path)
    const source = { input, info: await deps.probe(input, signal) }
    const planning = { threads: 0, outputDir: '', limits: deps.settings.limits }
    const { lines } = await deps.runner(
      planMeasuring(AS_IT_IS, [source], { logo: LOGO, pictures: {} }, planning),
      {
        deadlineMs,
        signal,
      },
    )
    output.loudness = parseLoudness(lines) ?? null
  }
}
const AS_IT_IS: Recipe = { sources: [{}], audio: 'keep' }
