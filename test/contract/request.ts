import type { Operation } from '#shared/contract/operations.ts'
import { type Path, toJsonSchema, withValue } from './json-schema.ts'
import type { Reference } from './references.ts'

/** A request of an operation: values for its parameters, and a JSON body. */
export type ContractRequest = {
  params: Record<string, string>
  query: Record<string, string>
  headers: Record<string, string>
  body: unknown
}

/**
 * A request that the operation accepts and that contains `value` where the reference points. Other parameters come from
 * `fillers`, by their names; the rest of the body from the operation's examples.
 * @throws Error when no combination is valid: the operation then needs an example with this field.
 */
export function requestWith(
  operation: Operation,
  { part, path }: Reference,
  value: string,
  fillers: Record<string, string>,
): ContractRequest {
  const names = [...operation.path.matchAll(/\{\+?(\w+)\}/g)].map(([, name]) => name as string)
  const params = Object.fromEntries(names.map((name) => [name, fillers[name] ?? '']))
  const request: ContractRequest = { params, query: {}, headers: {}, body: undefined }
  if (part === 'body') request.body = bodyWith(operation, path, value)
  else {
    request[part][String(path[0])] = value
    if (operation.body) request.body = acceptedBody(operation, [undefined, {}, ...examplesOf(operation)])
  }
  return request
}

const examplesOf = ({ examples = {} }: Operation) => Object.values(examples)

/** The field alone, or with the fields that its schema requires beside it, or in one of the examples. */
function bodyWith(operation: Operation, path: Path, value: string): unknown {
  // Examples come last: they contain identifiers that do not exist.
  const bases = [{}, ...BASES, ...examplesOf(operation)]
  return acceptedBody(
    operation,
    bases.map((base) => withValue(base, path, value)),
  )
}

/** What fields of recipes need beside them. */
const BASES = [
  { url: 'https://example.com/a.mp4' },
  { recipe: { sources: [{ url: 'https://example.com/a.mp4' }] } },
]

function acceptedBody(operation: Operation, candidates: unknown[]): unknown {
  const accepted = candidates.find((candidate) => operation.body?.safeParse(candidate).success)
  if (accepted === undefined && !operation.body?.safeParse(undefined).success) {
    throw new Error(
      `No example of ${operation.id} is valid with this field: ${JSON.stringify(candidates[0])}`,
    )
  }
  return accepted
}

/** The URL of a request, with its parameters encoded. */
export function urlOf(operation: Operation, { params, query }: ContractRequest): string {
  const path = operation.path.replaceAll(/\{(\+?)(\w+)\}/g, (_, plus, name) => {
    const value = params[name] ?? ''
    return plus ? value.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(value)
  })
  const text = new URLSearchParams(query).toString()
  return text ? `${path}?${text}` : path
}

/** The names of an operation's query parameters and headers. */
export const namesOf = (operation: Operation, part: 'query' | 'headers'): string[] => {
  const schema = operation[part]
  return schema ? Object.keys(toJsonSchema(schema).properties ?? {}) : []
}
