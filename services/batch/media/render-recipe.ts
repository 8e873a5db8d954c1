import { availableParallelism } from 'node:os'
import type { Recipe } from '#shared/contract/recipe.ts'
import { asCutroomError, type ErrorCode } from '#shared/errors.ts'
import { expandRender, shouldExpand } from './chunks/expand.ts'
import type { RenderExpansion } from './chunks/types.ts'
import { estimateScratchBytes } from './estimate/estimate.ts'
import { estimateMemory } from './estimate/estimate-memory.ts'
import { decodeAnimations, removeAnimations } from './execute/animation/decode-animations.ts'
import { isMissingStart } from './execute/check-sources.ts'
import {
  audioChangeIn,
  decodeAfterFailure,
  decodeKnownChanges,
  expectDecodedAudio,
  removeDecodedAudio,
} from './execute/decode-audio.ts'
import { executePlan } from './execute/execute-plan.ts'
import { requireFreeSpace } from './execute/free-space.ts'
import { inspectSources } from './execute/inspect-sources.ts'
import { addLoudness, measureLoudness } from './execute/measure-loudness.ts'
import { progressSteps } from './execute/progress-steps.ts'
import { monotonicProgress, scaledProgress } from './ffmpeg/progress.ts'
import { planRender } from './plan/plan.ts'
import { decodedEarlier } from './plan/seek.ts'
import type { Plan, PlanContext, RenderPlans } from './plan/types.ts'
import { infosOf, plannedRender } from './planned-render.ts'
import type { MediaFiles, RenderDeps, RenderedFile, RenderOptions, RenderResult } from './types.ts'

/**
 * Probe, decode ahead what must be, plan, check that there is space, run, check the outputs. Work that would take long is
 * divided in place of that, when `options.divide` says how.
 * @throws CutroomError what each of these steps throws.
 */
export async function renderRecipe(
  recipe: Recipe,
  files: MediaFiles,
  deps: RenderDeps,
  options: RenderOptions,
): Promise<RenderResult> {
  const startedAt = performance.now()
  const onProgress = monotonicProgress(options.onProgress ?? (() => {}))
  const reported = { ...options, onProgress }
  const inspected = await inspectSources(recipe, files, deps, options)
  const expected = expectDecodedAudio(inspected)
  const expansion = await divide(planRender(expected).preferred, expected, deps, options)
  if (expansion) return { sources: infosOf(inspected), outputs: [], expansion }
  const readable = await decodeAnimations(inspected, deps, decodingOptions(reported))
  const decoded = await decodeKnownChanges(readable, files, deps, decodingOptions(reported))
  const { context, ...rendered } = await renderContext({ context: decoded, files, deps, options: reported })
  await Promise.all([removeDecodedAudio(context), removeAnimations(context)])
  deps.log.info('media rendered', {
    outputs: rendered.outputs.length,
    ms: Math.round(performance.now() - startedAt),
  })
  onProgress(100)
  return { sources: infosOf(context), ...rendered }
}

/** What was rendered, or what the work was divided into. */
type Rendered = Pick<RenderResult, 'outputs' | 'expansion'>

/** Divides the work of a plan, if it would take long. */
async function divide(
  plan: Plan,
  context: PlanContext,
  { findKeyFrames }: Pick<RenderDeps, 'findKeyFrames'>,
  { divide: settings, signal }: Pick<RenderOptions, 'divide' | 'signal'>,
): Promise<RenderExpansion | undefined> {
  if (!settings || !shouldExpand(context, plannedRender(context, plan), settings)) return undefined
  return expandRender(context, settings, findKeyFrames, signal)
}

type RenderJob = {
  context: PlanContext
  files: MediaFiles
  deps: RenderDeps
  options: RenderOptions & Required<Pick<RenderOptions, 'onProgress'>>
}

/** Decoding audio alone takes a small share of the time: its progress is that up to 10 per cent. */
const decodingOptions = ({ onProgress, ...options }: RenderJob['options']): RenderJob['options'] => ({
  ...options,
  onProgress: scaledProgress(0, 10, onProgress),
})

/**
 * Renders. Audio that turns out to change on the way is decoded ahead, video that turned out not to start where it was sought
 * is decoded from earlier on, and the render repeated.
 */
async function renderContext(job: RenderJob): Promise<Rendered & { context: PlanContext }> {
  const { context, files, deps, options } = job
  try {
    const plans = planRender(context)
    options.onPlan?.(plannedRender(context, plans.preferred))
    const normalizes = context.recipe.audio === 'normalize'
    return { context, ...(normalizes ? await renderNormalized(job) : await renderPlans(plans, job)) }
  } catch (error) {
    const changed = isMissingStart(error)
      ? decodeEarlier(context)
      : await decodeAfterFailure(error, context, files, deps, decodingOptions(options))
    if (!changed) throw error
    return renderContext({ ...job, context: changed })
  }
}

/** A context in which sources are decoded from long before their trims; undefined when they already are. */
function decodeEarlier(context: PlanContext): PlanContext | undefined {
  if (context.decodesEarlier) return undefined
  const sources = context.sources.map((source, i) =>
    decodedEarlier(source, context.recipe.sources[i]?.trim?.start ?? 0),
  )
  return { ...context, sources, decodesEarlier: true }
}

/** Renders with measured loudness. The result is measured in the files, so that none is sent before. */
async function renderNormalized(job: RenderJob): Promise<Rendered> {
  const { send: _, divide: __, ...options } = job.options
  const steps = progressSteps(options.onProgress)
  const context = await measureLoudness(job.context, job.deps, { ...options, onProgress: steps.measure })
  const measured = { ...job, context, options: { ...options, onProgress: steps.render } }
  const rendered = await renderPlans(planRender(context), measured)
  await addLoudness(rendered.outputs, job.deps, { ...options, onProgress: steps.verify })
  return rendered
}

/** What a stream copy may fail with where encoding succeeds: odd timestamps, a codec other than the container claims. */
const COPY_FAILURES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'media.failed',
  'media.wrong_result',
  'media.damaged',
])

/** Carries out the preferred plan, or the one that encodes when streams cannot be copied after all. */
async function renderPlans({ preferred, fallback }: RenderPlans, job: RenderJob): Promise<Rendered> {
  try {
    return { outputs: await renderPlan(preferred, job) }
  } catch (error) {
    const { code } = asCutroomError(error)
    if (!fallback || !COPY_FAILURES.has(code) || audioChangeIn(error)) throw error
    job.deps.log.debug('stream copy failed, encoding instead', { code })
    const expansion = await divide(fallback, job.context, job.deps, job.options)
    if (expansion) return { outputs: [], expansion }
    job.options.onPlan?.(plannedRender(job.context, fallback))
    return { outputs: await renderPlan(fallback, job) }
  }
}

async function renderPlan(plan: Plan, { context, files, deps, options }: RenderJob): Promise<RenderedFile[]> {
  const bytes = estimateScratchBytes(context.recipe, plannedRender(context, plan), {
    sends: options.send !== undefined,
    maxBytes: context.limits.outputBytes,
  })
  await requireFreeSpace(options.outputDir, bytes)
  const clips = Object.values(context.assets.clips ?? {}).map(({ info }) => info)
  const memoryBytes = estimateMemory(plan, [...infosOf(context), ...clips], availableParallelism())
  return executePlan(plan, files, deps, { ...options, memoryBytes })
}
