import type { z } from 'zod'
import { CutroomError, type FieldError } from '#shared/errors.ts'

/** Every issue of a Zod error as a field error. Paths are joined with dots; each unknown key is listed by itself. */
export const fieldErrorsOf = (error: z.ZodError): FieldError[] =>
  error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'unknown field' }))
      : [{ path: issue.path.join('.'), message: issue.message }],
  )

/** The strings in a parsed value that Postgres cannot store as text or JSON: NUL and unpaired surrogates. */
export function unstorableText(value: unknown, path: string[] = []): FieldError[] {
  if (typeof value === 'string') {
    const isStorable = value.isWellFormed() && !value.includes('\0')
    return isStorable
      ? []
      : [{ path: path.join('.'), message: 'contains a NUL character or an unpaired surrogate' }]
  }
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([name, inner]) => unstorableText(inner, [...path, name]))
}

/** Field errors as one line of an error message. An empty path stands for the whole body. */
export const listFieldErrors = (fields: FieldError[]): string =>
  fields.map(({ path, message }) => `${path || 'body'}: ${message}`).join('; ')

/** A `request.invalid` error about the request of an operation, naming every wrong field. */
export const invalidRequest = (operationId: string, fields: FieldError[]): CutroomError =>
  new CutroomError('request.invalid', `Invalid ${operationId} request: ${listFieldErrors(fields)}`, {
    fields,
  })
