import type { DryRunResult } from '#shared/contract/dry-run.ts'
import type { CreateTask } from '#shared/contract/tasks.ts'
import { CutroomError } from '#shared/errors.ts'
import type { BatchClient } from '../dry-run/batch-client.ts'
import { type CheckTaskDeps, checkTask } from './check-task.ts'

/**
 * Checks a request as createTask does and returns what batch expects the task to produce; nothing is stored.
 * `request` is undefined for a multipart form. It ends when `signal` is aborted.
 * @throws CutroomError `request.unsupported_type` for a form, whose file would have to be stored, and the errors of
 * checkTask and of the batch client.
 */
export async function dryRunTask(
  userId: string,
  request: CreateTask | undefined,
  requestDryRun: BatchClient,
  { signal, ...deps }: CheckTaskDeps & { signal: AbortSignal },
): Promise<DryRunResult> {
  if (!request) {
    throw new CutroomError(
      'request.unsupported_type',
      'A dry run accepts JSON only; upload the file with POST /uploads first and send its upload_id.',
    )
  }
  const { recipe } = await checkTask(userId, request, deps)
  const result = await requestDryRun({ user_id: userId, recipe }, signal)
  requireMatchingUrls(request, result)
  return result
}

/** The names of outputs are known once the sources are: only then can URLs be compared with them. */
function requireMatchingUrls({ destination }: CreateTask, { problem, outputs }: DryRunResult): void {
  if (problem || !destination?.urls) return
  const names = outputs.map(({ name }) => name)
  const unmatched = Object.keys(destination.urls).filter((name) => !names.includes(name))
  if (unmatched.length === 0) return
  throw new CutroomError(
    'destination.unmatched',
    `The destination has URLs for files that the task would not render: ${unmatched.slice(0, 5).join(', ')}. Its outputs would be ` +
      `called ${names.slice(0, 10).join(', ')}${names.length > 10 ? ' …' : ''}.`,
    {
      fields: unmatched.map((name) => ({
        path: `destination.urls.${name}`,
        message: 'is not the name of an output',
      })),
    },
  )
}
