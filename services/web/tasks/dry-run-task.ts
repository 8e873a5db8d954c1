import type { DryRunResult } from '#shared/contract/dry-run.ts'
import type { CreateTask } from '#shared/contract/tasks.ts'
import { CutroomError } from '#shared/errors.ts'
import type { BatchClient } from '../dry-run/batch-client.ts'
import { type CheckTaskDeps, checkTask } from './check-task.ts'

/**
 * Checks a request as createTask does and returns what batch expects the task to produce; nothing is stored.
 * `request` is undefined for a multipart form.
 * @throws CutroomError `request.unsupported_type` for a form, whose file would have to be stored, and the errors of
 * checkTask and of the batch client.
 */
export async function dryRunTask(
  userId: string,
  request: CreateTask | undefined,
  requestDryRun: BatchClient,
  deps: CheckTaskDeps & { stopping: AbortSignal },
): Promise<DryRunResult> {
  if (!request) {
    throw new CutroomError(
      'request.unsupported_type',
      'A dry run accepts JSON only; upload the file with POST /uploads first and send its upload_id.',
    )
  }
  const { recipe } = await checkTask(userId, request, deps)
  return requestDryRun({ user_id: userId, recipe }, deps.stopping)
}
