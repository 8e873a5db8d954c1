import { uploadIdsOf } from '../contract/recipe/upload-ids.ts'
import type { Recipe } from '../contract/recipe.ts'
import type { Query } from '../database/database.ts'

const MAX_LENGTH = 120

/** The last part of a URL's path, `https://example.com/a/holiday%201.mp4?x=1` → `holiday 1.mp4`, or its host when there is none. */
export function nameOfUrl(url: string): string {
  const { pathname, hostname } = new URL(url)
  const last = pathname.split('/').findLast(Boolean) ?? hostname
  return cut(decoded(last).replaceAll('\0', ''))
}

/** The names of a recipe's sources, in order: of uploads the file name, of URLs the last part. */
export async function sourceNames(query: Query, userId: string, recipe: Recipe): Promise<string[]> {
  const ids = uploadIdsOf(recipe)
  const uploads =
    ids.length === 0
      ? []
      : await query<{ id: string; filename: string }>(
          'SELECT id, filename FROM uploads WHERE user_id = $1 AND id = ANY($2::uuid[])',
          [userId, ids],
          'source-names',
        )
  const filenames = new Map(uploads.map(({ id, filename }) => [id, filename]))
  return recipe.sources.map(({ url, upload_id }) =>
    url === undefined ? cut(filenames.get(upload_id ?? '') ?? '') : nameOfUrl(url),
  )
}

/** Composed, as it is typed: file names of macOS are not. */
const cut = (name: string) => name.normalize('NFC').slice(0, MAX_LENGTH).toWellFormed()

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
