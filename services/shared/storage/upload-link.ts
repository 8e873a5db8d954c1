import { createHmac, timingSafeEqual } from 'node:crypto'
import { CutroomError } from '../errors.ts'
import { checkKey, isKey } from './keys.ts'

/** Permission to upload one object of at most maxBytes until a point in time. */
export type UploadLink = { key: string; maxBytes: number; contentType: string; expiresAt: Date }

/** Path of web's upload route; the key follows. */
const UPLOAD_PATH = '/uploads/content/'

/** Path and query of a signed link, which permits the upload to anyone who has it. `expiresAt` is cut to seconds. Pure. */
export function signUploadLink(link: UploadLink, secret: string): string {
  const expires = String(Math.floor(link.expiresAt.getTime() / 1000))
  const max = String(link.maxBytes)
  const signature = sign([checkKey(link.key), expires, max, link.contentType], secret).toString('base64url')
  const query = new URLSearchParams({ expires, max, type: link.contentType, signature })
  return `${UPLOAD_PATH}${link.key}?${query}`
}

/**
 * Verifies the link of a request: `key` is the path below `/uploads/content/`, `query` the parsed query string.
 *
 * @throws CutroomError `upload.link_invalid` when the link was not signed with this secret, was changed or has expired.
 */
export function verifyUploadLink(
  key: string,
  query: Record<string, unknown>,
  secret: string,
  now = new Date(),
): UploadLink {
  const { expires, max, type, signature } = query
  if (!isKey(key) || !isText(expires) || !isText(max) || !isText(type) || !isText(signature)) {
    throw invalid('is incomplete')
  }
  const expected = sign([key, expires, max, type], secret)
  const given = Buffer.from(signature, 'base64url')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw invalid('has an invalid signature')
  }
  const expiresAt = new Date(Number(expires) * 1000)
  if (expiresAt <= now) throw invalid('has expired')
  return { key, maxBytes: Number(max), contentType: type, expiresAt }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

// The prefix separates these signatures from others that use the same secret, such as tokens; JSON separates the
// fields from each other.
function sign(fields: string[], secret: string): Buffer {
  return createHmac('sha256', secret)
    .update(JSON.stringify(['cutroom-upload', ...fields]))
    .digest()
}

function invalid(reason: string): CutroomError {
  return new CutroomError(
    'upload.link_invalid',
    `The upload link ${reason}. Request a new one with POST /uploads.`,
  )
}
