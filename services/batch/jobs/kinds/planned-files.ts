import type { MediaFiles } from '../../media/types.ts'
import { openFiles } from '../open-files.ts'
import { requireUnchanged } from '../require-unchanged.ts'
import { type Attempt, taskOf } from './work.ts'

/**
 * Opens the files of an expanded task, as they were when it was planned; of its sources only those in `only`, when it is
 * given. Disposing the result closes all of them.
 * @throws CutroomError what openFiles throws; `source.changed`.
 */
export async function openPlannedFiles(
  { claim, deps, workspace, signal }: Attempt,
  only?: number[],
): Promise<MediaFiles & AsyncDisposable> {
  const { plan } = taskOf(claim)
  const recipe = await deps.sourceHeaders.reveal(claim)
  const options = { only, copies: plan.copies }
  const files = await openFiles({ ...claim, recipe }, deps, workspace.dir, signal, options)
  try {
    requireUnchanged(plan, files)
    return files
  } catch (error) {
    await files[Symbol.asyncDispose]()
    throw error
  }
}
