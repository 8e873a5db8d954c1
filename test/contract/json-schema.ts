import { z } from 'zod'

/** The parts of a JSON Schema that requests are derived from. */
export type JsonSchema = {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  format?: string
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  multipleOf?: number
  minItems?: number
  maxItems?: number
  items?: JsonSchema
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: boolean | JsonSchema
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
  $defs?: Record<string, JsonSchema>
}

/** What a part of a request may contain, as JSON Schema. */
export const toJsonSchema = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema

/** A schema with its reference followed. */
export function resolve(schema: JsonSchema, root: JsonSchema): JsonSchema {
  const name = schema.$ref?.replace('#/$defs/', '')
  const found = name === undefined ? schema : name === '#' ? root : root.$defs?.[name]
  if (!found) throw new Error(`The schema refers to ${schema.$ref}, which it does not define.`)
  return found
}

/** Where a property is in a value: names of properties, and 0 for the items of an array. */
export type Path = (string | 0)[]

/** Every property that a schema allows, with its path. */
export function propertiesOf(
  schema: JsonSchema,
  root = schema,
  path: Path = [],
): { path: Path; schema: JsonSchema }[] {
  // Deep enough for every field; a schema that contains itself would not end.
  if (path.length > 8) return []
  const here = resolve(schema, root)
  const variants = [...(here.anyOf ?? []), ...(here.oneOf ?? []), ...(here.allOf ?? [])]
  return [
    ...variants.flatMap((variant) => propertiesOf(variant, root, path)),
    ...(here.items ? propertiesOf(here.items, root, [...path, 0]) : []),
    ...Object.entries(here.properties ?? {}).flatMap(([name, property]) => [
      { path: [...path, name], schema: resolve(property, root) },
      ...propertiesOf(property, root, [...path, name]),
    ]),
  ]
}

/** A copy of `base` with `value` at `path`; objects and arrays on the way are created. */
export function withValue(base: unknown, path: Path, value: unknown): unknown {
  const [first, ...rest] = path
  if (first === undefined) return value
  if (first === 0) {
    const items = Array.isArray(base) ? base : []
    return [withValue(items[0], rest, value), ...items.slice(1)]
  }
  const object = typeof base === 'object' && base !== null && !Array.isArray(base) ? base : {}
  return { ...object, [first]: withValue((object as Record<string, unknown>)[first], rest, value) }
}
