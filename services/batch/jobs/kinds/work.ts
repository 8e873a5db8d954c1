import type { Claim, StoredOutput } from '#shared/tasks/rows.ts'
import type { ExpandedTask, TaskPlan } from '../../media/chunks/types.ts'
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

/** Where and how media work writes. */
export const mediaOptions = ({ workspace, signal, onProgress }: Attempt) => ({
  outputDir: workspace.outputDir,
  scratchDir: workspace.dir,
  signal,
  onProgress,
})
