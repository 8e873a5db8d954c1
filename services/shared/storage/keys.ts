import { CutroomError } from '../errors.ts'

/** Cloud Storage takes 1,024 bytes, most file systems 255 for one segment; some room is left for a suffix. */
const longestKey = 900
const longestSegment = 200

/**
 * Whether a key can be used in every store: a relative path of [A-Za-z0-9._/-], no empty, `.` or `..` segment.
 * Pure.
 */
export function isKey(key: string): boolean {
  return key.length <= longestKey && key.split('/').every(isSegment)
}

/** The key, when it can be used. Throws `internal.bug`: keys are made by the product itself. */
export function checkKey(key: string): string {
  if (!isKey(key)) throw oddKey('key', key)
  return key
}

/** The prefix of a listing, when it can be the start of a key; empty for everything. Throws like checkKey. */
export function checkPrefix(prefix: string): string {
  const whole = prefix === '' || prefix.endsWith('/') ? `${prefix}x` : prefix
  if (!isKey(whole)) throw oddKey('prefix', prefix)
  return prefix
}

function isSegment(segment: string): boolean {
  return /^[A-Za-z0-9._-]+$/.test(segment) && !/^\.\.?$/.test(segment) && segment.length <= longestSegment
}

function oddKey(kind: string, text: string): CutroomError {
  const shown = JSON.stringify(text.slice(0, 100))
  return new CutroomError(
    'internal.bug',
    `The storage ${kind} ${shown} is refused: only relative paths of [A-Za-z0-9._/-] are taken.`,
  )
}
