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
import { createRunner } from './ffmpeg/run-ffmpeg.ts'
import { planRender } from './plan/plan.ts'
import { plannedRender } from './planned-render.ts'
import { createProbe } from './probe/probe.ts'
import { createKeyFrameFinder, createKeyFramesFinder } from './probe/times/find-key-frame.ts'
import { createPacketFinder } from './probe/times/find-packets.ts'
import { renderRecipe } from './render-recipe.ts'
import type { MediaEngine, MediaSettings, RenderDeps, RenderOptions } from './types.ts'

/** Media work runs at this niceness: heartbeats and abort checks of the worker must not wait for an encoder. */
export const NICENESS = 5
const PROBE_DEADLINE_MS = 30_000

/** The media engine over the ffmpeg and ffprobe of the settings. */
export function createMediaEngine(settings: MediaSettings, log: Logger): MediaEngine {
  const { ffmpeg, ffprobe, limits, memoryBytes, deadlineMs: measureDeadlineMs } = settings
  const guard = { memoryBytes, niceness: NICENESS }
  const ffprobeSettings = { ffprobe, limits, guard, deadlineMs: PROBE_DEADLINE_MS }
  const probe = createProbe({ ...ffprobeSettings, measureDeadlineMs, log })
  const findKeyFrame = createKeyFrameFinder(ffprobeSettings)
  const runner = createRunner({ ffmpeg, guard })
  const deps: RenderDeps = {
    probe,
    findKeyFrame,
    findKeyFrames: createKeyFramesFinder(ffprobeSettings),
    findPackets: createPacketFinder(ffprobeSettings),
    runner,
    canConvertColours: canConvertColours(ffmpeg, guard),
    settings,
    log,
  }
  /** Runs media work that may take no more scratch space than a job has. Awaited within: the watch ends with this. */
  async function guarded<T, O extends RenderOptions>(
    options: O,
    work: (deps: RenderDeps, options: O) => Promise<T>,
  ): Promise<T> {
    const { outputDir, scratchDir = outputDir } = options
    using quota = watchScratchQuota(scratchDir, limits.scratchBytes)
    const signal = AbortSignal.any([options.signal, quota.signal])
    return await work({ ...deps, runner: withinQuota(runner, quota) }, { ...options, signal })
  }

  return {
    probe: async (input, signal) => (await probe(input, signal)).info,
    async dryRun(recipe, files, { signal, divide }) {
      const context = await inspectSources(recipe, files, deps, { outputDir: '.', signal })
      const expected = expectDecodedAudio(context)
      const planned = plannedRender(expected, planRender(expected).preferred)
      return { ...planned, jobs: divide && foreseeJobs(expected, planned, divide) }
    },
    render: (recipe, files, options) => guarded(options, (...how) => renderRecipe(recipe, files, ...how)),
    sourcesOfChunk: (task, range) => sourcesOfChunk(task, range, settings),
    renderChunk: (task, range, files, options) =>
      guarded(options, (...how) => renderChunk(task, range, files, ...how)),
    encodeAudio: (task, loudness, files, options) =>
      guarded(options, (...how) => encodeAudio(task, loudness, files, ...how)),
    measureLoudness: (task, files, options) =>
      guarded(options, (...how) => measureLoudness(task, files, ...how)),
    measureAudio: (input, options) => guarded(options, (...how) => measureFile(input, ...how)),
    stitch: (task, pieces, loudness, options) =>
      guarded(options, (...how) => stitch(task, pieces, loudness, ...how)),
  }
}
