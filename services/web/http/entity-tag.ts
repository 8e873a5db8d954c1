import { createHash } from 'node:crypto'

/** A weak entity tag of a representation: the same for values that are equal as JSON. */
export const entityTag = (value: unknown): string =>
  `W/"${createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22)}"`

/** Whether an If-None-Match header names this tag, compared weakly as https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2 says. */
export function namesTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false
  if (header.trim() === '*') return true
  const opaque = (text: string) => text.trim().replace(/^W\//, '')
  return header.split(',').some((each) => opaque(each) === opaque(tag))
}
