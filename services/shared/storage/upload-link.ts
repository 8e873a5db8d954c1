import { createHmac, timingSafeEqual } from 'node:crypto'
import { CutroomError } from '../errors.ts'
import { checkKey, isKey } from './keys.ts'

/** What an upload link allows: the bytes of one object, up to a size, until a time. */
export type UploadLink = { key: string; maxBytes: number; contentType: string; expiresAt: Date }

/** Path of web's route below its public address; the key follows. */
export const UPLOAD_PATH = '/uploads/content/'

/**
 * Path and query of a link that allows an upload to whoever holds it. `expiresAt` counts in whole seconds.
 * Pure.
 */
export function signUploadLink(link: UploadLink, secret: string): string {
  const expires = String(Math.floor(link.expiresAt.getTime() / 1000))
  const max = String(link.maxBytes)
  const signature = sign([checkKey(link.key), expires, max, link.contentType], secret).toString('base64url')
  const query = new URLSearchParams({ expires, max, type: link.contentType, signature })
  return `${UPLOAD_PATH}${link.key}?${query}`
}

/**
 * What the link of a request allows. `key` is the path behind `/uploads/content/`, `query` the parsed query.
 * Throws `upload.link_invalid` for a link that was not signed here, was changed, or has expired.
 */
export function verifyUploadLink(
  key: string,
  query: Record<string, unknown>,
  secret: string,
  now = new Date(),
): UploadLink {
  const { expires, max, type, signature } = query
  if (!isKey(key) || !isText(expires) || !isText(max) || !isText(type) || !isText(signature)) {
    throw invalid('is not complete')
  }
  const expected = sign([key, expires, max, type], secret)
  const given = Buffer.from(signature, 'base64url')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw invalid('was not signed here, or was changed')
  }
  const expiresAt = new Date(Number(expires) * 1000)
  if (expiresAt <= now) throw invalid('has expired')
  return { key, maxBytes: Number(max), contentType: type, expiresAt }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

// The name keeps these signatures apart from others made with the same secret, such as tokens'; JSON keeps
// the fields apart from each other.
function sign(fields: string[], secret: string): Buffer {
  return createHmac('sha256', secret)
    .update(JSON.stringify(['cutroom-upload', ...fields]))
    .digest()
}

function invalid(fault: string): CutroomError {
  return new CutroomError('upload.link_invalid', `The upload link ${fault}. Ask POST /uploads for a new one.`)
}
