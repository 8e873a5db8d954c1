import type { Logger } from '#shared/observability/logger.ts'
import { encodeAudio, measureLoudness } from './chunks/encode-audio.ts'
import { foreseeJobs } from './chunks/expand.ts'
import { renderChunk, sourcesOfChunk } from './chunks/render-chunk.ts'
import { stitch } from './chunks/stitch.ts'
import { expectDecodedAudio } from './execute/decode-audio.ts'
import { inspectSources } from './execute/inspect-sources.ts'
import { measureFile } from './execute/measure-loudness.ts'
import { watchScratchQuota, withinQuota } from './execute/scratch-quota.ts'
import { canConvertColours } from './ffmpeg/capabilities.ts'
import { createJobMemory } from './ffmpeg/job-memory.ts'
import { readKeyFrames } from './inspect/key-frames.ts'
import { readWaveform } from './inspect/waveform.ts'
import { planRender } from './plan/plan.ts'
import { plannedRender } from './planned-render.ts'
import type { MediaInput } from './probe/media-input.ts'
import { renderRecipe } from './render-recipe.ts'
import { createTools, guardOf, type ToolsOptions } from './tools.ts'
import type { MediaEngine, MediaFiles, MediaSettings, RenderDeps, RenderOptions } from './types.ts'

/** The media engine over the ffmpeg and ffprobe of the settings. */
export function createMediaEngine(settings: MediaSettings, log: Logger): MediaEngine {
  const { ffmpeg, limits, memoryBytes, dryRunMemoryBytes = memoryBytes } = settings
  const convertsColours = canConvertColours(ffmpeg, guardOf(settings))
  const createDeps = (options: ToolsOptions): RenderDeps => ({
    ...createTools(settings, { ...options, log }),
    canConvertColours: convertsColours,
  })
  const dryRunMemory = createJobMemory(dryRunMemoryBytes)
  // Of its own, so that no dry run waits for it: the service leaves as much of its share unused.
  const inspectMemory = createJobMemory(Math.floor(dryRunMemoryBytes / 2))
  const inspectDeps = (input: MediaInput, dir: string) =>
    createDeps({ memory: inspectMemory, dir, inputs: [input] })

  /**
   * Runs media work that may take no more memory and scratch space than a job has. Awaited within: the watch ends with this,
   * and so does every process that is left when a part of the work fails.
   */
  async function guarded<T, O extends RenderOptions>(
    inputs: MediaInput[],
    options: O,
    work: (deps: RenderDeps, options: O) => Promise<T>,
  ): Promise<T> {
    const { outputDir, scratchDir = outputDir } = options
    const memory = createJobMemory(memoryBytes, options.slots)
    const deps = createDeps({ memory, dir: scratchDir, inputs })
    const ended = new AbortController()
    using quota = watchScratchQuota(scratchDir, limits.scratchBytes)
    const signal = AbortSignal.any([options.signal, quota.signal, ended.signal])
    try {
      return await work({ ...deps, runner: withinQuota(deps.runner, quota) }, { ...options, signal })
    } finally {
      ended.abort(new Error('The work has ended.'))
    }
  }

  return {
    probe: async (input, signal) => {
      const deps = createDeps({ memory: dryRunMemory, inputs: [input] })
      return (await deps.probe(input, signal)).info
    },
    async dryRun(recipe, files, { signal, divide, scratchDir }) {
      const deps = createDeps({ memory: dryRunMemory, dir: scratchDir, inputs: inputsOf(files) })
      const context = await inspectSources(recipe, files, deps, { outputDir: '.', signal })
      const expected = expectDecodedAudio(context)
      const planned = plannedRender(expected, planRender(expected).preferred)
      return { ...planned, jobs: divide && foreseeJobs(expected, planned, divide) }
    },
    inspect: {
      waveform: (input, { scratchDir, ...options }) =>
        readWaveform(input, inspectDeps(input, scratchDir), options),
      key_frames: (input, { scratchDir, ...options }) =>
        readKeyFrames(input, inspectDeps(input, scratchDir), options),
    },
    render: (recipe, files, options) =>
      guarded(inputsOf(files), options, (...how) => renderRecipe(recipe, files, ...how)),
    sourcesOfChunk: (task, range) => sourcesOfChunk(task, range, settings),
    renderChunk: (task, range, files, options) =>
      guarded(inputsOf(files), options, (...how) => renderChunk(task, range, files, ...how)),
    encodeAudio: (task, loudness, files, options) =>
      guarded(inputsOf(files), options, (...how) => encodeAudio(task, loudness, files, ...how)),
    measureLoudness: (task, files, options) =>
      guarded(inputsOf(files), options, (...how) => measureLoudness(task, files, ...how)),
    measureAudio: (input, options) => guarded([input], options, (...how) => measureFile(input, ...how)),
    stitch: (task, pieces, loudness, options) =>
      guarded([], options, (...how) => stitch(task, pieces, loudness, ...how)),
  }
}

const inputsOf = ({ sources, images, clips = {} }: MediaFiles): MediaInput[] => [
  ...sources,
  ...Object.values(images),
  ...Object.values(clips),
]
