/** `metadata[order]`: the name of a parameter, and a key in its value. */
const NESTED = /^(\w+)\[([^[\]]*)\]$/

/**
 * The parameters of a query as an operation's schema describes them: `metadata[order]=17` becomes `metadata: { order: '17' }`, which
 * OpenAPI calls the style deepObject. Everything else stays as it is, such as `max[]=3`: `isObject` tells which parameters are
 * objects.
 */
export function nestedQuery(
  query: Record<string, unknown>,
  isObject: (name: string) => boolean = () => true,
): Record<string, unknown> {
  const nested = new Map<string, [string, unknown][]>()
  const flat: [string, unknown][] = []
  for (const [name, value] of Object.entries(query)) {
    const [, outer, key] = NESTED.exec(name) ?? []
    if (outer === undefined || key === undefined || !isObject(outer)) flat.push([name, value])
    else nested.set(outer, [...(nested.get(outer) ?? []), [key, value]])
  }
  const objects = [...nested].map(([name, entries]) => [name, Object.fromEntries(entries)])
  return Object.fromEntries([...objects, ...flat])
}
