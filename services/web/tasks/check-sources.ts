import type { Config } from '#shared/config.ts'
import type { CreateTask } from '#shared/contract/tasks.ts'
import { CutroomError } from '#shared/errors.ts'
import { rejectionReason } from '#shared/net/public-address.ts'
import { listFieldErrors } from '../http/field-errors.ts'

/**
 * Checks the source URLs of a request without resolving their host names: batch checks the resolved addresses when it
 * connects.
 * @throws CutroomError `source.refused`, naming every refused field.
 */
export function checkSources(request: CreateTask, { sources }: Pick<Config, 'sources'>): void {
  const fields = urlsOf(request).flatMap(({ path, url }) => {
    const message = rejectionReason(new URL(url), sources.allowHosts)
    return message === undefined ? [] : [{ path, message }]
  })
  if (fields.length === 0) return
  throw new CutroomError('source.refused', `Invalid createTask request: ${listFieldErrors(fields)}`, {
    fields,
  })
}

/** Every source URL of a request, with the path of its field. */
function urlsOf({ url, sources = [], recipe }: CreateTask): { path: string; url: string }[] {
  const fields = [
    { path: 'url', url },
    ...sources.map((source, i) => ({ path: `sources.${i}.url`, url: source.url })),
    ...(recipe?.sources ?? []).map((source, i) => ({ path: `recipe.sources.${i}.url`, url: source.url })),
  ]
  return fields.flatMap((field) => (field.url === undefined ? [] : [{ ...field, url: field.url }]))
}
