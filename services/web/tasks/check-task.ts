import { uploadIdsOf } from '#shared/contract/recipe-uploads.ts'
import type { CreateTask } from '#shared/contract/tasks.ts'
import type { WebDeps } from '../deps.ts'
import { requireUploads } from '../uploads/require-uploads.ts'
import { checkNotify } from './check-notify.ts'
import { checkSources } from './check-sources.ts'
import { chooseRecipe } from './choose-recipe.ts'

/**
 * The recipe that a request stands for, once all has been checked that can be known now. Throws `source.refused`,
 * `notify.no_mail`, `request.invalid`, and the codes of demandUploads.
 */
export async function checkTask(
  userId: string,
  request: CreateTask,
  deps: Pick<WebDeps, 'uploads' | 'storage' | 'config'>,
): Promise<ReturnType<typeof chooseRecipe>> {
  const chosen = chooseRecipe(request)
  checkSources(request, deps.config)
  checkNotify(request.notify, deps.config)
  await requireUploads(userId, uploadIdsOf(chosen.recipe), deps)
  return chosen
}
