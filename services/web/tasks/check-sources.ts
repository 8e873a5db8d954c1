import type { Config } from '#shared/config.ts'
import type { CreateTask } from '#shared/contract/tasks.ts'
import { CutroomError } from '#shared/errors.ts'
import { rejectionReason } from '#shared/net/public-address.ts'

/**
 * Whether the addresses that a request names may be read, as far as that shows without looking a name up: batch
 * finds the rest when it connects. Throws `source.refused`, naming the fields.
 */
export function checkSources(request: CreateTask, { sources }: Pick<Config, 'sources'>): void {
  const fields = addressesIn(request).flatMap(({ path, url }) => {
    const objection = rejectionReason(new URL(url), sources.allowHosts)
    return objection === undefined ? [] : [{ path, message: objection }]
  })
  if (fields.length === 0) return
  const named = fields.map(({ path, message }) => `${path}: ${message}`).join('; ')
  throw new CutroomError('source.refused', `createTask was refused: ${named}`, { fields })
}

function addressesIn({ url, sources, recipe }: CreateTask): { path: string; url: string }[] {
  const within = (path: string, list: { url?: string | undefined }[] = []) =>
    list.map((source, i) => ({ path: `${path}.${i}.url`, url: source.url }))
  const named = [
    { path: 'url', url },
    ...within('sources', sources),
    ...within('recipe.sources', recipe?.sources),
  ]
  return named.flatMap((each) => (each.url === undefined ? [] : [{ ...each, url: each.url }]))
}
