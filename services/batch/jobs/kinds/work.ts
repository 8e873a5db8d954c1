import { CutroomError } from '#shared/errors.ts'
import type { Claim, StoredOutput } from '#shared/tasks/rows.ts'
import type { ExpandedTask, TaskPlan } from '../../media/chunks/types.ts'
import type { MemorySlots } from '../../media/ffmpeg/job-memory.ts'
import type { JobDeps } from '../job-deps.ts'
import type { Workspace } from '../workspace.ts'

/** What an attempt works with. `signal` ends it, and `onProgress` receives whole per cent of the job. */
export type Attempt = {
  claim: Claim
  deps: JobDeps
  workspace: Workspace
  signal: AbortSignal
  onProgress: (percent: number) => void
}

/**
 * The work of an attempt, done: `record` makes it count unless the attempt was overtaken, and may be repeated; `discard`
 * removes what an overtaken attempt left in storage. `outputs`: those of the task, where this ends it.
 */
export type Work = { record(): Promise<boolean>; discard(): Promise<void>; outputs?: StoredOutput[] }

/** The task of a job that a `render` has added. The plan is of this very build, since others plan anew: its shape is known. */
export const taskOf = ({ recipe, plan }: Claim): ExpandedTask => ({ recipe, plan: plan as TaskPlan })

/** Where and how media work writes, and where it gets more memory than its slot has. */
export const mediaOptions = ({ workspace, signal, onProgress, deps }: Attempt) => ({
  outputDir: workspace.outputDir,
  scratchDir: workspace.dir,
  signal,
  onProgress,
  slots: memorySlots(deps),
})

function memorySlots({ widen, settings, log }: JobDeps): MemorySlots | undefined {
  if (!widen) return undefined
  return {
    count: settings.concurrency,
    async take(count, signal) {
      log.info('job needs the memory of several slots', { count })
      if (await widen(count, signal)) return
      throw new CutroomError(
        'media.no_free_memory',
        'The job needs more memory than the other jobs of its worker left it for some minutes.',
      )
    },
  }
}
