import { fileURLToPath } from 'node:url'
import type { MediaInfo } from '#shared/contract/media-info.ts'
import type { Recipe } from '#shared/contract/recipe.ts'
import type { Logger } from '#shared/logger.ts'
import { fileInput, type MediaInput, type MediaLimits } from './media-input.ts'
import { type Plan, type PlannedOutput, planEdit } from './plan.ts'
import { createProbe, type Probe } from './probe.ts'
import { createRunner, type Ran, type Runner } from './run.ts'
import { demandPlanned } from './verify.ts'

/** The settings of media work: `config.media`. */
export type MediaSettings = {
  ffmpeg: string
  ffprobe: string
  threads: number
  deadlineMs: number
  memoryBytes: number
  limits: MediaLimits
}

/** What a recipe works on: a source for each of its sources, in order; its pictures by upload id. */
export type MediaFiles = { sources: MediaInput[]; pictures: Record<string, MediaInput> }

export type MakeOptions = {
  /** A folder for the outputs, which is there. */
  outputDir: string
  signal: AbortSignal
  /** Wall clock of each ffmpeg run; the setting when left out. */
  deadlineMs?: number
  /** Hears whole per cent, 0 to 100, never falling. */
  onProgress?: (percent: number) => void
}

/** A finished, checked output. `path` is where it lies; seconds and pixels as probed. */
export type Made = {
  name: string
  path: string
  content_type: string
  bytes: number
  seconds: number
  width: number | null
  height: number | null
  fps: number | null
  video_codec: string | null
  audio_codec: string | null
}

export type Making = { sources: MediaInfo[]; outputs: Made[] }

/** Media work: `probe` says what a source is, `make` carries out a recipe. */
export type MediaEngine = {
  probe: Probe
  make(recipe: Recipe, files: MediaFiles, options: MakeOptions): Promise<Making>
}

const LOGO = fileInput(fileURLToPath(new URL('assets/logo.png', import.meta.url)))
const NICENESS = 10
const PROBE_DEADLINE_MS = 30_000

/** The media engine over the ffmpeg and ffprobe of the settings. */
export function createMediaEngine(settings: MediaSettings, log: Logger): MediaEngine {
  const { limits } = settings
  const guard = { memoryBytes: settings.memoryBytes, niceness: NICENESS }
  const probe = createProbe({ ffprobe: settings.ffprobe, limits, guard, deadlineMs: PROBE_DEADLINE_MS, log })
  const runner = createRunner({ ffmpeg: settings.ffmpeg, guard })
  return {
    probe,
    make: (recipe, files, options) => makeOutputs(recipe, files, { probe, runner, settings, log }, options),
  }
}

type Deps = { probe: Probe; runner: Runner; settings: MediaSettings; log: Logger }

/**
 * Carries out a recipe: probes its sources, plans, runs ffmpeg, and checks what came out. Throws the codes of
 * probe, plan, run and verify; a source's own fault stands in place of what ffmpeg made of it.
 */
export async function makeOutputs(
  recipe: Recipe,
  files: MediaFiles,
  deps: Deps,
  options: MakeOptions,
): Promise<Making> {
  const { settings, log } = deps
  const infos = await Promise.all(files.sources.map((source) => deps.probe(source, options.signal)))
  const sources = files.sources.map((input, i) => ({ input, info: infos[i] as MediaInfo }))
  const plan = planEdit(
    recipe,
    sources,
    { logo: LOGO, pictures: files.pictures },
    {
      threads: settings.threads,
      outputDir: options.outputDir,
      limits: settings.limits,
    },
  )
  const startedAt = performance.now()
  const ran = await runPlan(plan, files, deps, options)
  const outputs = await Promise.all(plan.outputs.map((output) => check(output, ran, deps, options)))
  log.info('media made', {
    runs: plan.runs.length,
    outputs: outputs.length,
    ms: Math.round(performance.now() - startedAt),
  })
  options.onProgress?.(100)
  return { sources: infos, outputs }
}

/** Runs a plan's runs in order; what ffmpeg said on the way. */
async function runPlan(plan: Plan, files: MediaFiles, { runner, settings }: Deps, options: MakeOptions) {
  const whole = plan.runs.reduce((sum, run) => sum + run.seconds, 0)
  const deadlineMs = options.deadlineMs ?? settings.deadlineMs
  const all: Ran = { lines: [], repeated: 0 }
  let done = 0
  // The last per cent is for checking.
  const report = (seconds: number) => options.onProgress?.(Math.floor((99 * seconds) / whole))
  for (const run of plan.runs) {
    const onProgress = (share: number) => report(done + share * run.seconds)
    const ran = await runner(run, { deadlineMs, signal: options.signal, onProgress }).catch(
      (error: unknown) => {
        throw faultOf(files) ?? error
      },
    )
    all.lines.push(...ran.lines)
    all.repeated += ran.repeated
    done += run.seconds
  }
  const fault = faultOf(files)
  if (fault) throw fault
  return all
}

/** Why a source's bytes stopped coming, if they did. */
const faultOf = ({ sources, pictures }: MediaFiles): Error | undefined =>
  [...sources, ...Object.values(pictures)].map((input) => input.fault?.()).find(Boolean)

async function check(output: PlannedOutput, ran: Ran, deps: Deps, options: MakeOptions): Promise<Made> {
  const made = await deps.probe(fileInput(output.path), options.signal)
  demandPlanned(output, made, ran, deps.settings.limits.outputBytes)
  return {
    name: output.name,
    path: output.path,
    content_type: output.contentType,
    bytes: made.bytes ?? 0,
    seconds: made.duration,
    width: made.video?.width ?? null,
    height: made.video?.height ?? null,
    fps: made.video?.fps ?? null,
    video_codec: made.video?.codec ?? null,
    audio_codec: made.audio?.codec ?? null,
  }
}
