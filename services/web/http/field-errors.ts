import type { z } from 'zod'
import { CutroomError, type FieldError } from '#shared/errors.ts'

/** Every issue of a Zod error as a field error. Paths are joined with dots; each unknown key is listed by itself. */
export const fieldErrorsOf = (error: z.ZodError): FieldError[] =>
  error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'unknown field' }))
      : [{ path: issue.path.join('.'), message: readable(issue.message) }],
  )

/** What Zod says about a value that is not there, and about a parameter that is no number, in the words of a caller. */
const readable = (message: string) =>
  message
    .replace(/^Invalid input: expected \w+, received undefined$/, 'is missing')
    .replace(/^Invalid input: expected number, received NaN$/, 'must be a number')

/** The strings in a parsed value, names of fields among them, that Postgres cannot store as text or JSON: NUL and unpaired surrogates. */
export function unstorableText(value: unknown, path: string[] = []): FieldError[] {
  if (typeof value === 'string') return isStorable(value) ? [] : [unstorable(path)]
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([name, inner]) =>
    isStorable(name) ? unstorableText(inner, [...path, name]) : [unstorable([...path, name])],
  )
}

const isStorable = (text: string) => text.isWellFormed() && !text.includes('\0')

/** The path goes into the reply, so what cannot be stored is replaced in it, too. */
const unstorable = (path: string[]): FieldError => ({
  path: path.join('.').toWellFormed().replaceAll('\0', '\ufffd'),
  message: 'contains a NUL character or an unpaired surrogate',
})

/** A reply must not become much larger than its request: one of 30,000 unknown fields would get 2 MB in return. */
const MAX_FIELDS = 20
const MAX_PATH_CHARACTERS = 200

/** The field errors that a reply shows: the first 20, with shortened paths. `more` counts those left out. */
function shownFieldErrors(fields: FieldError[]): { shown: FieldError[]; more: number } {
  const shown = fields.slice(0, MAX_FIELDS).map(({ path, message }) => ({ path: shorten(path), message }))
  return { shown, more: fields.length - shown.length }
}

const shorten = (path: string) =>
  path.length > MAX_PATH_CHARACTERS ? `${path.slice(0, MAX_PATH_CHARACTERS).toWellFormed()}…` : path

/** Field errors as one line of an error message. An empty path stands for the whole body. */
export function listFieldErrors(fields: FieldError[]): string {
  const { shown, more } = shownFieldErrors(fields)
  const listed = shown.map(({ path, message }) => `${path || 'body'}: ${message}`).join('; ')
  return more > 0 ? `${listed}; and ${more} more` : listed
}

/** A `request.invalid` error about the request of an operation, naming the first 20 wrong fields. */
export const invalidRequest = (operationId: string, fields: FieldError[]): CutroomError =>
  new CutroomError('request.invalid', `Invalid ${operationId} request: ${listFieldErrors(fields)}`, {
    fields: shownFieldErrors(fields).shown,
  })
