import type { DryRunResult } from '#shared/contract/dry-run.ts'
import type { CreateTask } from '#shared/contract/tasks.ts'
import { CutroomError } from '#shared/errors.ts'
import type { WebDeps } from '../deps.ts'
import { checkTask } from '../tasks/check-task.ts'
import type { BatchClient } from './batch-client.ts'

/**
 * What a task would make, checked as a task is, with nothing written down. `request` is undefined for a form.
 * Throws `request.unsupported_type` for one: its file would have to be kept.
 */
export async function dryRunTask(
  userId: string,
  request: CreateTask | undefined,
  askBatch: BatchClient,
  deps: Pick<WebDeps, 'uploads' | 'storage' | 'config' | 'stopping'>,
): Promise<DryRunResult> {
  if (!request)
    throw new CutroomError(
      'request.unsupported_type',
      'A dry run reads JSON and keeps no file: put the file into an upload first (POST /uploads), and name its upload_id.',
    )
  const { recipe } = await checkTask(userId, request, deps)
  return askBatch({ user_id: userId, recipe }, deps.stopping)
}
