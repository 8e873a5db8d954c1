import { z } from 'zod'
import { hideHeaders, type Recipe } from '../contract/recipe.ts'
import type { Database, Query } from '../database/database.ts'
import { CutroomError } from '../errors.ts'
import { type SealingKeys, seal, unseal } from '../seal.ts'
import type { Claim } from './rows.ts'

// The table source_headers has a row for each task that needs headers and has not ended for good: a trigger, in the
// migration, deletes it when the task succeeds or is aborted, and the sweep some time after it has failed.

/** A recipe as it may be stored and shown. */
export const withoutHeaders = (recipe: Recipe): Recipe => ({
  ...recipe,
  sources: recipe.sources.map(hideHeaders),
})

const hasHeaders = ({ sources }: Recipe): boolean => sources.some(({ headers }) => headers !== undefined)

/**
 * Stores the headers of a new task's sources, encrypted for this task alone; without headers it does nothing.
 * @throws CutroomError `source.headers_disabled` without a key.
 */
export async function storeSourceHeaders(
  query: Query,
  taskId: string,
  recipe: Recipe,
  keys: SealingKeys,
): Promise<void> {
  if (!hasHeaders(recipe)) return
  requireKey(keys)
  const headers = recipe.sources.map((source) => source.headers ?? null)
  await query('INSERT INTO source_headers (task_id, sealed) VALUES ($1, $2)', [
    taskId,
    seal(JSON.stringify(headers), taskId, keys),
  ])
}

/** Throws `source.headers_disabled` when a recipe has headers that could not be stored. */
export function checkSourceHeaders(recipe: Recipe, keys: SealingKeys): void {
  if (hasHeaders(recipe)) requireKey(keys)
}

/** Throws `source.headers_disabled` when there is no key to encrypt headers with. */
export function requireKey(keys: SealingKeys): void {
  if (keys.length > 0) return
  throw new CutroomError(
    'source.headers_disabled',
    'This installation cannot store request headers, because SECRETS_KEY is not set. Use a signed URL, or upload the file.',
  )
}

/** Gives workers the recipe of their task with its headers. */
export type SourceHeadersReader = {
  /**
   * Without headers in the recipe, this asks nothing of the database.
   * @throws CutroomError `source.headers_expired` when they were deleted, `service.wrong_key` when no key decrypts them.
   */
  reveal(claim: Pick<Claim, 'taskId' | 'recipe'>): Promise<Recipe>
}

export function sourceHeadersReader(
  { query }: Pick<Database, 'query'>,
  keys: SealingKeys,
): SourceHeadersReader {
  return {
    async reveal({ taskId, recipe }) {
      if (!hasHeaders(recipe)) return recipe
      const [row] = await query<{ sealed: Buffer }>('SELECT sealed FROM source_headers WHERE task_id = $1', [
        taskId,
      ])
      if (!row) throw expired()
      const text = unseal(row.sealed, taskId, keys)
      if (text === undefined) throw wrongKey(keys)
      const headers = StoredHeaders.parse(JSON.parse(text))
      return {
        ...recipe,
        sources: recipe.sources.map((source, i) => ({
          ...source,
          headers: headers[recipe.clips ? 0 : i] ?? undefined,
        })),
      }
    },
  }
}

/** They were checked when the task was created, maybe by another version. */
const StoredHeaders = z.record(z.string(), z.string()).nullable().array()

const expired = () =>
  new CutroomError(
    'source.headers_expired',
    'The request headers of the sources were deleted some days after the task had failed. Create the task again, with its headers.',
  )

export const wrongKey = (keys: SealingKeys, service = 'batch') =>
  new CutroomError(
    'service.wrong_key',
    keys.length === 0
      ? `The request headers of the sources cannot be decrypted: SECRETS_KEY is not set in ${service}.`
      : `The request headers of the sources cannot be decrypted with any key in SECRETS_KEY of ${service}.`,
  )
