import { CutroomError } from '../errors.ts'
import { toProblem } from './problems.ts'
import { API_CONTENT_POLICY } from './security-headers.ts'

/** A complete HTTP reply as bytes, for sockets that have no handler to answer on. Pure. */
export function rawReply(error: CutroomError, requestId?: unknown): string {
  const id = typeof requestId === 'string' ? requestId : undefined
  const body = JSON.stringify(toProblem(error, id))
  return [
    `HTTP/1.1 ${error.status} ${error.title}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
    `Content-Security-Policy: ${API_CONTENT_POLICY}`,
    ...(id ? [`X-Request-Id: ${id}`] : []),
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}

/** What Node's HTTP parser or one of its timeouts rejected, as the error for the client. */
export function clientError({ code, message }: NodeJS.ErrnoException): CutroomError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new CutroomError(
      'request.timed_out',
      'The request headers arrived too slowly. Send the request again.',
    )
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new CutroomError('request.headers_too_large', 'The request headers exceed 16 KiB.')
  }
  return new CutroomError('request.malformed', `The request is not valid HTTP/1.1: ${message}.`)
}

export const bodyTooSlow = (): CutroomError =>
  new CutroomError(
    'request.timed_out',
    'The request body arrived too slowly. Send it again; for a large file, use POST /uploads and send it in chunks.',
  )

export const unknownExpectation = (): CutroomError =>
  new CutroomError('request.expectation_failed', 'The service supports no Expect header but 100-continue.')
