import type { Config } from '#shared/config.ts'
import { uploadIdsOf } from '#shared/contract/recipe/upload-ids.ts'
import { resolveRecipe } from '#shared/contract/resolve-recipe.ts'
import type { CreateTask } from '#shared/contract/tasks.ts'
import { checkSourceHeaders } from '#shared/tasks/source-headers.ts'
import type { Accounts } from '../auth/accounts.ts'
import { type RequireUploadsDeps, requireUploads } from '../uploads/require-uploads.ts'
import { checkDestination } from './check-destination.ts'
import { checkNotify, requireVerifiedAddress } from './check-notify.ts'
import { checkHiddenHeaders, checkSources } from './check-sources.ts'

export type CheckTaskDeps = RequireUploadsDeps & { config: Config; accounts: Pick<Accounts, 'find'> }

/**
 * Checks everything about a new task that can be known before its sources are read, and returns its complete recipe.
 * @throws CutroomError `source.refused`, `source.headers_disabled`, `destination.refused`, `destination.disabled`, `notify.no_mail`, `notify.unverified`, `request.invalid`, and the errors of requireUploads.
 */
export async function checkTask(
  userId: string,
  request: CreateTask,
  deps: CheckTaskDeps,
): Promise<ReturnType<typeof resolveRecipe>> {
  const resolved = resolveRecipe(request)
  checkSources(request, deps.config)
  checkHiddenHeaders(request)
  checkSourceHeaders(resolved.recipe, deps.config.sealingKeys)
  checkDestination(request.destination, deps.config)
  checkNotify(request.notify, deps.config)
  await requireVerifiedAddress(userId, request.notify, deps)
  await requireUploads(userId, uploadIdsOf(resolved.recipe), deps)
  return resolved
}
