/**
 * The distinct ids of all uploads that a recipe names, anywhere in it. It walks the whole value, so that an option
 * added later cannot be missed.
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
