import { CutroomError } from '../errors.ts'

/** The bytes in a PUT to an upload link: the whole object, a chunk (both ends inclusive), or none for a status check. */
export type UploadRange =
  | { kind: 'whole'; length: number | undefined }
  | { kind: 'chunk'; start: number; end: number; total: number | undefined }
  | { kind: 'status'; total: number | undefined }

/** The size of every chunk but the last must be a multiple of this, as in Cloud Storage. */
export const UPLOAD_CHUNK_MULTIPLE = 256 * 1024

/**
 * Parses Content-Range and Content-Length by the rules of a Cloud Storage resumable session:
 * https://cloud.google.com/storage/docs/performing-resumable-uploads. Pure.
 *
 * @throws CutroomError `request.malformed` when the headers are invalid or contradict each other.
 */
export function parseUploadRange(
  contentRange: string | undefined,
  contentLength: string | undefined,
): UploadRange {
  const length = contentLength === undefined ? undefined : Number(contentLength)
  if (contentRange === undefined) return { kind: 'whole', length }
  const match = /^bytes (?:(\d{1,15})-(\d{1,15})|\*)\/(\d{1,15}|\*)$/.exec(contentRange)
  if (!match) throw malformed(contentRange, 'use bytes 0-99/200, bytes 0-99/* or bytes */200')
  const [, first, last, size] = match
  const total = size === '*' || size === undefined ? undefined : Number(size)
  if (first === undefined || last === undefined) return { kind: 'status', total }
  const [start, end] = [Number(first), Number(last)]
  if (end < start) throw malformed(contentRange, 'the end is before the start')
  if (total !== undefined && end >= total) throw malformed(contentRange, 'the end is beyond the total')
  const count = end - start + 1
  if (length !== undefined && length !== count) throw malformed(contentRange, `the body has ${length} bytes`)
  if (end + 1 !== total && count % UPLOAD_CHUNK_MULTIPLE !== 0) {
    throw malformed(
      contentRange,
      `the size of every chunk but the last must be a multiple of ${UPLOAD_CHUNK_MULTIPLE} bytes`,
    )
  }
  return { kind: 'chunk', start, end, total }
}

function malformed(contentRange: string, reason: string): CutroomError {
  return new CutroomError(
    'request.malformed',
    `The Content-Range ${JSON.stringify(contentRange.slice(0, 80))} is invalid: ${reason}.`,
  )
}
