import type { TaskPlan } from '#shared/contract/task-plan.ts'
import type { CreateTask } from '#shared/contract/tasks.ts'
import { CutroomError } from '#shared/errors.ts'
import type { WebDeps } from '../deps.ts'
import { checkTask } from '../tasks/check-task.ts'
import type { AskBatch } from './ask-batch.ts'

/**
 * What a task would make, checked as a task is, with nothing written down. `request` is undefined for a form.
 * Throws `request.unsupported_type` for one: its file would have to be kept.
 */
export async function planTask(
  userId: string,
  request: CreateTask | undefined,
  askBatch: AskBatch,
  deps: Pick<WebDeps, 'database' | 'storage' | 'config' | 'stopping'>,
): Promise<TaskPlan> {
  if (!request)
    throw new CutroomError(
      'request.unsupported_type',
      'A dry run reads JSON and keeps no file: put the file into an upload first (POST /uploads), and name its upload_id.',
    )
  const { recipe } = await checkTask(userId, request, deps)
  return askBatch({ user_id: userId, recipe }, deps.stopping)
}
