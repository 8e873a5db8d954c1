import type { Config } from '#shared/config.ts'
import { HIDDEN, type Source } from '#shared/contract/recipe.ts'
import type { CreateTask } from '#shared/contract/tasks.ts'
import { CutroomError, type FieldError } from '#shared/errors.ts'
import { rejectionReason } from '#shared/net/public-address.ts'
import { invalidRequest, listFieldErrors } from '../http/field-errors.ts'

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
  throw refused('createTask', fields)
}

/**
 * Checks that no header has the value that replies show in place of the real one: a recipe that was copied from a reply
 * would otherwise be denied by the host later.
 * @throws CutroomError `request.invalid`, naming every such header.
 */
export function checkHiddenHeaders(request: CreateTask): void {
  const fields = sourcesOf(request).flatMap(hiddenHeaders)
  if (fields.length > 0) throw invalidRequest('createTask', fields)
}

/** Checks the one source of a request like those of a task. Throws what these checks throw. */
export function checkSource(
  operationId: string,
  source: Pick<Source, 'headers'> & { url: string },
  { sources }: Pick<Config, 'sources'>,
): void {
  const message = rejectionReason(new URL(source.url), sources.allowHosts)
  if (message !== undefined) throw refused(operationId, [{ path: 'url', message }])
  const fields = hiddenHeaders({ ...source, path: '' })
  if (fields.length > 0) throw invalidRequest(operationId, fields)
}

const hiddenHeaders = ({ path, headers = {} }: Partial<Source> & { path: string }): FieldError[] =>
  Object.entries(headers)
    .filter(([, value]) => value === HIDDEN)
    .map(([name]) => ({
      path: `${path}headers.${name}`,
      message: 'give the value itself: replies do not show it',
    }))

const refused = (operationId: string, fields: FieldError[]) =>
  new CutroomError('source.refused', `Invalid ${operationId} request: ${listFieldErrors(fields)}`, { fields })

/** Every source URL of a request, with the path of its field. */
const urlsOf = (request: CreateTask): { path: string; url: string }[] =>
  sourcesOf(request).flatMap(({ path, url }) => (url === undefined ? [] : [{ path: `${path}url`, url }]))

/** Every source of a request, with the path of its fields. */
function sourcesOf({ url, sources = [], recipe }: CreateTask): (Partial<Source> & { path: string })[] {
  return [
    { path: '', url },
    ...sources.map((source, i) => ({ ...source, path: `sources.${i}.` })),
    ...(recipe?.sources ?? []).map((source, i) => ({ ...source, path: `recipe.sources.${i}.` })),
  ]
}
