import type { Operation } from '#shared/contract/operations.ts'
import { type Path, propertiesOf, toJsonSchema } from './json-schema.ts'

/** A part of an operation's request that names an object: its kind, and where it is. */
export type Reference = { kind: string; part: 'params' | 'query' | 'headers' | 'body'; path: Path }

/**
 * Every identifier in the request of an operation. The kind of a path parameter is the path before it (`/tasks/{id}` →
 * `tasks.id`), that of any other field its name. A field counts as an identifier when its format is uuid, or its name is `id`,
 * `key` or `name` of a path, or ends in `_id`, `_ids` or `_key`; `page` holds an identifier too. Of a list, it is the first one.
 */
export function referencesOf(operation: Operation): Reference[] {
  const fields = (['query', 'headers', 'body'] as const).flatMap((part) => {
    const schema = operation[part]
    if (!schema) return []
    return propertiesOf(toJsonSchema(schema))
      .filter(({ path, schema: { format } }) => format === 'uuid' || IDENTIFIER.test(String(path.at(-1))))
      .map(({ path, schema: { items } }) => ({
        kind: String(path.at(-1)),
        part,
        path: items ? [...path, 0 as const] : path,
      }))
  })
  return [...pathReferences(operation.path), ...distinct(fields)]
}

const IDENTIFIER = /^(id|ids|page|idempotency-key)$|(_id|_ids|_key)$/

function pathReferences(path: string): Reference[] {
  const segments = path.split('/').filter(Boolean)
  return segments.flatMap((segment, index) => {
    const name = /^\{\+?(\w+)\}$/.exec(segment)?.[1]
    const before = segments.slice(0, index).filter((each) => !each.startsWith('{'))
    return name ? [{ kind: [...before, name].join('.'), part: 'params' as const, path: [name] }] : []
  })
}

const distinct = (references: Reference[]): Reference[] => [
  ...new Map(references.map((reference) => [JSON.stringify(reference), reference])).values(),
]
