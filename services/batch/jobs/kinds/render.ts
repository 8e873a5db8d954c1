import type { MissingContent } from '../../media/execute/missing-content.ts'
import { openFiles } from '../open-files.ts'
import { storeOutputs } from '../store-outputs.ts'
import { streamOutputs } from '../stream-outputs.ts'
import { deliver } from './deliver.ts'
import { describeSources } from './describe-sources.ts'
import { storeCopies } from './store-copies.ts'
import { type Attempt, mediaOptions, type Work } from './work.ts'

/**
 * Renders a whole task; or, when that would take long, divides it among jobs.
 * @throws CutroomError what opening, rendering and storing throw.
 */
export async function render(attempt: Attempt): Promise<Work> {
  const { claim, deps, workspace, signal } = attempt
  const { jobs, media, queue, log } = deps
  const recipe = await deps.sourceHeaders.reveal(claim)
  await using files = await openFiles({ ...claim, recipe }, deps, workspace.dir, signal)
  const missing: MissingContent[] = []
  const rendered = await media.render(claim.recipe, files, {
    ...mediaOptions(attempt),
    onPlan: (planned) => deps.requireFit.render(claim.recipe, planned),
    send: streamOutputs(claim, workspace.dir, { ...deps, signal }),
    divide: deps.chunks,
    onMissing: (found) => missing.push(found),
  })
  const { expansion } = rendered
  const sources = describeSources(claim.recipe, rendered.sources, missing)
  if (!expansion) {
    const stored = await storeOutputs(claim, rendered.outputs, { ...deps, signal })
    const outputs = await deliver(stored, attempt)
    return { record: () => jobs.finish(claim, { sources, outputs }), discard: stored.discard, outputs }
  }
  const planned = deps.requireFit.jobs(expansion.jobs)
  const { copies, discard } = await storeCopies(recipe, files, attempt)
  const plan = { ...expansion.plan, copies }
  return {
    async record() {
      const ready = await jobs.expand(claim, { plan, sources, build: deps.build, jobs: planned })
      // What cannot be published now is published by the sweep.
      const published = await Promise.allSettled((ready ?? []).map((id) => queue.publish(id)))
      const failed = published.filter(({ status }) => status === 'rejected').length
      if (failed > 0) log.warn('jobs could not be published; the sweep will publish them', { failed })
      return ready !== undefined
    },
    discard,
  }
}
