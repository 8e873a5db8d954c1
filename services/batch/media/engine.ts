import type { Recipe } from '#shared/contract/recipe.ts'
import { asCutroomError, type ErrorCode } from '#shared/errors.ts'
import type { Logger } from '#shared/observability/logger.ts'
import { estimateScratchBytes } from './estimate/estimate.ts'
import { executePlan } from './execute/execute-plan.ts'
import { requireFreeSpace } from './execute/free-space.ts'
import { inspectSources } from './execute/inspect-sources.ts'
import { addLoudness, measureLoudness } from './execute/measure-loudness.ts'
import { progressSteps } from './execute/progress-steps.ts'
import { watchScratchQuota, withinQuota } from './execute/scratch-quota.ts'
import { canConvertColours } from './ffmpeg/capabilities.ts'
import { monotonicProgress } from './ffmpeg/progress.ts'
import { createRunner } from './ffmpeg/run-ffmpeg.ts'
import { planRender } from './plan/plan.ts'
import type { Plan, PlanContext, RenderPlans } from './plan/types.ts'
import { createKeyFrameFinder } from './probe/find-key-frame.ts'
import { createPacketFinder } from './probe/find-packets.ts'
import { createProbe } from './probe/probe.ts'
import type {
  MediaEngine,
  MediaFiles,
  MediaSettings,
  PlannedRender,
  RenderDeps,
  RenderedFile,
  RenderOptions,
  RenderResult,
} from './types.ts'

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
    findPackets: createPacketFinder(ffprobeSettings),
    runner,
    canConvertColours: canConvertColours(ffmpeg, guard),
    settings,
    log,
  }
  return {
    probe: async (input, signal) => (await probe(input, signal)).info,
    async dryRun(recipe, files, signal) {
      const context = await inspectSources(recipe, files, deps, { outputDir: '.', signal })
      return plannedRender(context, planRender(context).preferred)
    },
    async render(recipe, files, options) {
      const { outputDir, scratchDir = outputDir } = options
      using quota = watchScratchQuota(scratchDir, limits.scratchBytes)
      const guarded = { ...deps, runner: withinQuota(runner, quota) }
      const signal = AbortSignal.any([options.signal, quota.signal])
      // Awaited: the watch ends with this function.
      return await renderRecipe(recipe, files, guarded, { ...options, signal })
    },
  }
}

/** Probe, plan, check that there is space, run, check the outputs. */
async function renderRecipe(
  recipe: Recipe,
  files: MediaFiles,
  deps: RenderDeps,
  options: RenderOptions,
): Promise<RenderResult> {
  const startedAt = performance.now()
  const onProgress = monotonicProgress(options.onProgress ?? (() => {}))
  const context = await inspectSources(recipe, files, deps, options)
  const plans = planRender(context)
  options.onPlan?.(plannedRender(context, plans.preferred))
  const job = { context, files, deps, options: { ...options, onProgress } }
  const outputs = recipe.audio === 'normalize' ? await renderNormalized(job) : await renderPlans(plans, job)
  deps.log.info('media rendered', {
    outputs: outputs.length,
    ms: Math.round(performance.now() - startedAt),
  })
  onProgress(100)
  return { sources: infosOf(context), outputs }
}

type RenderJob = {
  context: PlanContext
  files: MediaFiles
  deps: RenderDeps
  options: RenderOptions & Required<Pick<RenderOptions, 'onProgress'>>
}

/** Renders with measured loudness. The result is measured in the files, so that none is sent before. */
async function renderNormalized(job: RenderJob): Promise<RenderedFile[]> {
  const { send: _, ...options } = job.options
  const steps = progressSteps(options.onProgress)
  const context = await measureLoudness(job.context, job.deps, { ...options, onProgress: steps.measure })
  const measured = { ...job, context, options: { ...options, onProgress: steps.render } }
  const outputs = await renderPlans(planRender(context), measured)
  await addLoudness(outputs, job.deps, { ...options, onProgress: steps.verify })
  return outputs
}

/** What a stream copy may fail with where encoding succeeds: odd timestamps, a codec other than the container claims. */
const COPY_FAILURES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'media.failed',
  'media.wrong_result',
  'media.damaged',
])

/** Carries out the preferred plan, or the one that encodes when streams cannot be copied after all. */
async function renderPlans({ preferred, fallback }: RenderPlans, job: RenderJob): Promise<RenderedFile[]> {
  try {
    return await renderPlan(preferred, job)
  } catch (error) {
    const { code } = asCutroomError(error)
    if (!fallback || !COPY_FAILURES.has(code)) throw error
    job.deps.log.debug('stream copy failed, encoding instead', { code })
    job.options.onPlan?.(plannedRender(job.context, fallback))
    return await renderPlan(fallback, job)
  }
}

async function renderPlan(plan: Plan, { context, files, deps, options }: RenderJob): Promise<RenderedFile[]> {
  const bytes = estimateScratchBytes(context.recipe, plannedRender(context, plan), {
    sends: options.send !== undefined,
    maxBytes: context.limits.outputBytes,
  })
  await requireFreeSpace(options.outputDir, bytes)
  return executePlan(plan, files, deps, options)
}

const plannedRender = (context: PlanContext, plan: Plan): PlannedRender => ({
  sources: infosOf(context),
  plan,
})

const infosOf = ({ sources }: PlanContext) => sources.map(({ info }) => info)
