import { CutroomError } from '../errors.ts'

/** Cloud Storage allows 1,024 bytes per key, most file systems 255 per segment; the rest is reserved for suffixes. */
const MAX_KEY_LENGTH = 900
const MAX_SEGMENT_LENGTH = 200

/** Whether a key works in every store: a relative path of [A-Za-z0-9._/-] without empty, `.` or `..` segments. */
export function isKey(key: string): boolean {
  return key.length <= MAX_KEY_LENGTH && key.split('/').every(isSegment)
}

/** Returns a valid key. @throws CutroomError `internal.bug` for any other, since keys are built by Cutroom itself. */
export function checkKey(key: string): string {
  if (!isKey(key)) throw invalidKey('key', key)
  return key
}

/** Returns a prefix that keys can start with, or the empty one. @throws CutroomError `internal.bug` for any other. */
export function checkPrefix(prefix: string): string {
  const key = prefix === '' || prefix.endsWith('/') ? `${prefix}x` : prefix
  if (!isKey(key)) throw invalidKey('prefix', prefix)
  return prefix
}

function isSegment(segment: string): boolean {
  return /^[A-Za-z0-9._-]+$/.test(segment) && !/^\.\.?$/.test(segment) && segment.length <= MAX_SEGMENT_LENGTH
}

function invalidKey(kind: string, text: string): CutroomError {
  const shown = JSON.stringify(text.slice(0, 100))
  return new CutroomError(
    'internal.bug',
    `The storage ${kind} ${shown} is invalid: it must be a relative path of [A-Za-z0-9._/-].`,
  )
}
