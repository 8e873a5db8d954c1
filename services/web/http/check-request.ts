import type { Request } from 'express'
import { z } from 'zod'
import type { Operation } from '#shared/contract/operations.ts'
import type { FieldError } from '#shared/errors.ts'
import { fieldErrorsOf, invalidRequest, unstorableText } from './field-errors.ts'
import { isMultipart } from './json-body.ts'
import { nestedQuery } from './nested-query.ts'
import { notFound } from './not-found.ts'

/**
 * Parses the path, query, headers and JSON body of a request with its operation's schemas. The body of a multipart
 * form is undefined.
 * @throws CutroomError `request.invalid` naming every wrong field, or `notFound` of the operation for a malformed id.
 */
export function checkRequest(operation: Operation, req: Request) {
  const errors: FieldError[] = []
  const parse = (schema: z.ZodType | undefined, value: unknown) => {
    const result = schema?.safeParse(value)
    if (result?.error) errors.push(...fieldErrorsOf(result.error))
    return result?.data
  }
  const params = parse(operation.params, joinWildcards(req))
  // Nothing has a malformed id, so it gets the reply of an unknown one.
  if (errors.some(({ path }) => path === 'id')) throw notFound(operation.notFound ?? 'task.not_found')
  const parsed = {
    params,
    query: parse(
      operation.query,
      nestedQuery(req.query, (name) => isObject(operation.query?.shape[name])),
    ),
    headers: parse(operation.headers, req.headers),
    body: isMultipart(operation, req) ? undefined : parse(operation.body, req.body ?? {}),
  }
  errors.push(...unknownParameters(operation, req), ...unstorableText(parsed.body))
  if (errors.length > 0) throw invalidRequest(operation.id, errors)
  return parsed
}

/**
 * Query parameters that an operation with effects does not have: a misspelt `dry_run` must not create a task. Where something is only
 * read they are ignored, since mail programs, caches and sites add parameters of their own.
 */
function unknownParameters({ access, method, query }: Operation, req: Request): FieldError[] {
  if (access !== 'user' || method === 'get') return []
  const names = Object.keys(nestedQuery(req.query, (name) => isObject(query?.shape[name])))
  return names
    .filter((name) => !Object.hasOwn(query?.shape ?? {}, name))
    .map((path) => ({ path, message: 'unknown query parameter' }))
}

const isObject = (schema: unknown): boolean =>
  schema instanceof z.ZodOptional ? isObject(schema.unwrap()) : schema instanceof z.ZodRecord

/** Express splits what a `*wildcard` matched into path segments. */
const joinWildcards = (req: Request) =>
  Object.fromEntries(
    Object.entries<string | string[]>(req.params).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join('/') : value,
    ]),
  )
