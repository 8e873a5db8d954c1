/**
 * The id of every upload a recipe names, wherever it stands in it, each once. A walk over the whole recipe, so
 * that an option which names uploads cannot be forgotten here.
 */
export function uploadIdsOf(recipe: unknown): string[] {
  return [...new Set(collect(recipe))]
}

function collect(value: unknown): string[] {
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'upload_id' && typeof inner === 'string' ? [inner] : collect(inner),
  )
}
