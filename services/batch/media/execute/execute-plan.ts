import type { MediaFiles, RenderDeps, RenderOptions } from '../engine.ts'
import type { Plan } from '../plan/types.ts'
import { checkOutput, type RenderedFile } from './check-output.ts'
import { requireFreeSpace } from './free-space.ts'
import { openOutputStreams } from './output-streams.ts'
import { runPlan } from './run-plan.ts'

const CHECKS_AT_ONCE = 4

/**
 * Runs a plan and checks what came of it. Outputs that may leave while they are made do, when `send` takes
 * them; they are checked where they went, and removed when anything fails. Throws `media.no_free_space` at once
 * when the scratch space cannot hold the rest, and the codes of run, verify and the store.
 */
export async function executePlan(
  plan: Plan,
  files: MediaFiles,
  deps: RenderDeps,
  options: RenderOptions,
): Promise<RenderedFile[]> {
  const sends = options.send !== undefined
  await requireFreeSpace(plan, sends, options.outputDir, deps.settings.limits.outputBytes)
  const outlets = openOutputStreams(plan, options.send)
  try {
    const signal = AbortSignal.any([options.signal, outlets.failed])
    const ran = await runPlan(plan, files, deps, { ...options, signal, sinks: outlets.sinks })
    const sent = await outlets.finish()
    const made: RenderedFile[] = []
    // A few at a time: a plan may have hundreds of parts.
    for (let i = 0; i < plan.outputs.length; i += CHECKS_AT_ONCE) {
      const some = plan.outputs.slice(i, i + CHECKS_AT_ONCE)
      const checks = some.map((output) => checkOutput(output, sent.get(output), ran, deps, options.signal))
      made.push(...(await Promise.all(checks)))
    }
    return made
  } catch (thrown) {
    await outlets.abandon(thrown)
    throw thrown
  }
}
