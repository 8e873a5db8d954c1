import pLimit from 'p-limit'
import { CutroomError } from '#shared/errors.ts'
import { errorCodeFromStderr } from '../ffmpeg/interpret-stderr.ts'
import type { RunResult } from '../ffmpeg/run-ffmpeg.ts'
import type { Plan, PlannedOutput } from '../plan/types.ts'
import type { MediaFiles, RenderDeps, RenderedFile, RenderOptions, SentOutput } from '../types.ts'
import { checkOutput } from './check-output.ts'
import { requireSourcesShown } from './check-sources.ts'
import { openOutputStreams } from './output-streams.ts'
import { runPlan } from './run-plan.ts'

/** Outputs that are probed at a time: a plan may have hundreds of parts. */
const CHECK_CONCURRENCY = 4

/**
 * Runs a plan and checks what came of it. Outputs that can be sent while they are being written are, when `send` takes
 * them; they are checked in the store, and removed when anything fails.
 * @throws CutroomError what running, checking and the store throw.
 */
export async function executePlan(
  plan: Plan,
  files: MediaFiles,
  deps: RenderDeps,
  options: RenderOptions & { memoryBytes?: number },
): Promise<RenderedFile[]> {
  const streams = openOutputStreams(plan, options.send)
  try {
    const signal = AbortSignal.any([options.signal, streams.failed])
    const result = await runPlan(plan, files, deps, { ...options, signal, sinks: streams.sinks })
    const sent = await streams.finish()
    const outputs = await checkOutputs(plan, sent, result, deps, options.signal)
    if (isUncountedCopy(plan) && errorCodeFromStderr(result.lines) === 'media.damaged') throw damagedCopy()
    // Last: an output that reached its largest size ends before its sources do.
    const missing = await requireSourcesShown(plan, result, deps, options.signal)
    for (const content of missing) options.onMissing?.(content)
    return outputs
  } catch (error) {
    await streams.abandon(error)
    throw error
  }
}

/**
 * Whether a plan copies video whose frames neither its container nor a measurement counts, as in Matroska. Nothing then shows
 * whether a damaged source has a hole that the copy has, too; decoding it does.
 */
const isUncountedCopy = ({ outputs }: Plan): boolean =>
  outputs.some(({ video, expected }) => video === 'copy' && expected?.frames === null)

const damagedCopy = () => new CutroomError('media.damaged', 'The source is damaged, and was not copied.')

async function checkOutputs(
  plan: Plan,
  sent: Map<PlannedOutput, SentOutput>,
  result: RunResult,
  deps: RenderDeps,
  signal: AbortSignal,
): Promise<RenderedFile[]> {
  const limit = pLimit(CHECK_CONCURRENCY)
  const check = (output: PlannedOutput) => checkOutput(output, sent.get(output), result, deps, signal)
  return Promise.all(plan.outputs.map((output) => limit(check, output))).finally(() => limit.clearQueue())
}
