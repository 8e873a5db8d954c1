import type { Recipe } from '#shared/contract/recipe.ts'
import { WITHOUT_STREAMS } from '../../media/execute/check-output.ts'
import type { MediaFiles } from '../../media/types.ts'
import { storeOutputs } from '../store-outputs.ts'
import type { Attempt } from './work.ts'

/** The keys of the copies by the index of their source, null where there is none; `discard` removes them. */
export type StoredCopies = { copies: (string | null)[]; discard(): Promise<void> }

/**
 * Stores the sources that had to be copied because their hosts do not support range requests: else every job of the task
 * would fetch them whole.
 * @throws CutroomError what the storage throws.
 */
export async function storeCopies(
  recipe: Recipe,
  { sources }: Pick<MediaFiles, 'sources'>,
  { claim, deps, signal }: Attempt,
): Promise<StoredCopies> {
  const copied = sources.flatMap(({ url, version }, index) =>
    recipe.sources[index]?.url && url.startsWith('file:') && isFirst(sources, index)
      ? [{ index, url, path: url.slice('file:'.length), bytes: version?.bytes ?? 0 }]
      : [],
  )
  const files = copied.map(({ index, path, bytes }) => ({
    ...WITHOUT_STREAMS,
    name: `source-${index}`,
    path,
    bytes,
    content_type: 'application/octet-stream',
  }))
  const { outputs, discard } = await storeOutputs(claim, files, { ...deps, signal })
  const keyOf = (url: string) => outputs[copied.findIndex((copy) => copy.url === url)]?.key ?? null
  return { copies: sources.map(({ url }) => keyOf(url)), discard }
}

/** Whether a source is not a copy that one before it has: all clips are of one file. */
const isFirst = (sources: { url: string }[], index: number): boolean =>
  sources.findIndex(({ url }) => url === sources[index]?.url) === index
