import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { createMediaEngine } from '#batch/media/engine.ts'
import { commandLine } from '#batch/media/ffmpeg/command-line.ts'
import { toRun } from '#batch/media/plan/arguments.ts'
import { planRender } from '#batch/media/plan/plan.ts'
import { fileInput } from '#batch/media/probe/media-input.ts'
import { loadBatchConfig } from '#shared/config.ts'
import { applyPreset } from '#shared/contract/presets.ts'
import { outputsOf, type Recipe } from '#shared/contract/recipe.ts'
import { silentLogger } from '#shared/observability/logger.ts'
import { LOGO } from './reference-command.ts'

/** As much as a job can have. */
const MEMORY_BYTES = 8 * 1024 ** 3

/** The default media settings. */
export function mediaSettings() {
  const secret = randomBytes(36).toString('base64')
  const { media } = loadBatchConfig({ DATABASE_URL: 'postgresql://none', PUSH_SECRET: secret })
  return { ...media, memoryBytes: MEMORY_BYTES }
}

/** The recipe of the preset reel; the URL of its source is not used. */
export const reel = () => applyPreset('reel', [{ url: 'https://example.com/film.mp4' }])

/** The product's plan for a recipe whose one source is the file at `path`. */
export async function planFile(recipe: Recipe, path: string, outputDir: string) {
  const settings = mediaSettings()
  const engine = createMediaEngine(settings, silentLogger)
  const input = fileInput(path)
  const source = { input, info: await engine.probe(input, AbortSignal.timeout(30_000)) }
  const assets = { logo: fileInput(LOGO), images: {} }
  await mkdir(outputDir, { recursive: true })
  const { threads, limits } = settings
  const sources = [source]
  return planRender({
    recipe,
    outputs: outputsOf(recipe),
    sources,
    assets,
    outputDir,
    threads,
    limits,
    canConvertColours: true,
  }).preferred
}

/** The product's plan for a reel of a file: its one run, the command line and the output path. */
export const planReel = (path: string, outputDir: string) => planOneRun(reel(), path, outputDir)

/** The product's plan for a recipe that takes one run with one output. */
export async function planOneRun(recipe: Recipe, path: string, outputDir: string) {
  const plan = await planFile(recipe, path, outputDir)
  const [run] = plan.runs
  const output = plan.outputs[0]?.path
  if (!run || !output || plan.runs.length > 1) throw new Error('The plan is not one run with one output.')
  const command = toRun(run)
  return { run: command, args: commandLine(command), output }
}
