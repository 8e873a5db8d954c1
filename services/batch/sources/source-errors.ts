import { CutroomError, type ErrorCode } from '#shared/errors.ts'

/** What a system or HTTP client error code means to someone who submitted a URL. */
const REASONS: Record<string, string> = {
  EAI_AGAIN: 'the host name could not be resolved',
  ECONNREFUSED: 'the host refused the connection',
  ETIMEDOUT: 'the host did not answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'the host did not answer in time',
  UND_ERR_HEADERS_TIMEOUT: 'the host did not answer in time',
  UND_ERR_BODY_TIMEOUT: 'the host stopped sending data',
}

const message = (host: string, why: string, advice?: string) =>
  `Cannot fetch the source from ${host}: ${why}.${advice ? ` ${advice}` : ''}`

/** A `source.refused` error: this URL is never fetched. Does not reveal the addresses that a name resolves to. */
export const sourceRefused = (host: string, why: string, advice = 'Use a public http or https URL.') =>
  new CutroomError('source.refused', message(host, why, advice))

/**
 * A `source.refused` error for a host name without a public address. The same for a name that does not exist and for one of
 * the network that the service is in: otherwise the names of that network could be guessed.
 */
export const hostNotPublic = (host: string) =>
  sourceRefused(
    host,
    'the host name does not exist or has an address that is not public',
    'Check its spelling, and use a public http or https URL.',
  )

/** A `source.unavailable` error: another attempt may succeed. */
export const sourceUnavailable = (host: string, why: string, cause?: unknown) =>
  new CutroomError('source.unavailable', message(host, why), { cause })

/** After so many attempts, a host that was too slow in each of them is not tried again: each one holds a slot for minutes. */
const ATTEMPTS_AT_SLOW_SOURCES = 2

/** A `source.unavailable` error for a host that sends too slowly. */
export const sourceTooSlow = (host: string, bytesPerSecond: number, windowMs: number) =>
  new CutroomError(
    'source.unavailable',
    message(
      host,
      `the host sent less than ${bytesPerSecond / 1000} kB/s for ${windowMs / 1000} s`,
      'Use a faster host, or upload the file.',
    ),
    { maxAttempts: ATTEMPTS_AT_SLOW_SOURCES },
  )

/** A `source.unavailable` error in place of a time limit that was mostly spent waiting for sources. */
export const waitedForSources = (waitedMs: number, cause: CutroomError) =>
  new CutroomError(
    'source.unavailable',
    `${cause.message} It waited ${Math.round(waitedMs / 1000)} s of that for its sources: use faster hosts, or upload the files.`,
    { cause, maxAttempts: ATTEMPTS_AT_SLOW_SOURCES },
  )

/** A `source.rejected` error: the host answers, but will not serve this URL however often it is asked. */
export const sourceRejected = (host: string, why: string, advice?: string) =>
  new CutroomError('source.rejected', message(host, why, advice))

/** A `source.not_media` error: the URL leads to a page. `advice` says which URL to use instead. */
export const sourceIsPage = (host: string, advice: string) =>
  new CutroomError(
    'source.not_media',
    message(host, 'the host answered with a page instead of a media file', advice),
  )

type PermanentFailure = { code: ErrorCode; advice: string }

const DENIED: PermanentFailure = {
  code: 'source.denied',
  advice:
    'Use a URL that works without signing in, such as a signed URL, or give the request headers that the host expects as `headers` of the source.',
}
const DENIED_DESPITE_HEADERS: PermanentFailure = {
  code: 'source.denied',
  advice: 'Check that the `headers` of the source are right, have not expired, and give access to this file.',
}
const DENIED_ELSEWHERE: PermanentFailure = {
  code: 'source.denied',
  advice:
    'The URL redirects to this address, to which the `headers` of the source are not sent: use the address itself, with the headers that it expects.',
}
const NOT_FOUND: PermanentFailure = {
  code: 'source.not_found',
  advice: 'Check that the URL points to an existing file.',
}
const REJECTED: PermanentFailure = {
  code: 'source.rejected',
  advice: 'Check that the URL is complete and has not expired, and that it downloads in a browser.',
}

/** Statuses after which no attempt will succeed, as far as their advice differs from that of the others. */
const PERMANENT: Record<number, PermanentFailure> = {
  401: DENIED,
  402: DENIED,
  403: DENIED,
  404: NOT_FOUND,
  407: DENIED,
  410: NOT_FOUND,
  451: {
    code: 'source.denied',
    advice: 'The host withholds the file for legal reasons: upload the file instead.',
  },
}

/** Statuses from 400 to 499 that mean "not now": https://www.rfc-editor.org/rfc/rfc9110#name-client-error-4xx */
const TEMPORARY_CLIENT_ERRORS = new Set([408, 409, 421, 423, 425, 429])

const permanentFailure = (status: number): PermanentFailure | undefined =>
  status >= 400 && status < 500 && !TEMPORARY_CLIENT_ERRORS.has(status)
    ? (PERMANENT[status] ?? REJECTED)
    : undefined

/**
 * The error for an HTTP status: `source.denied`, `source.not_found` or `source.rejected` for what the host will
 * never serve, otherwise `source.unavailable`. `sentHeaders`: whether the request carried the source's headers, if it
 * has any.
 */
export function errorFromStatus(host: string, status: number, sentHeaders?: boolean): CutroomError {
  const permanent = withHeaders(permanentFailure(status), sentHeaders)
  if (!permanent) return sourceUnavailable(host, `the host answered ${status}`)
  return new CutroomError(permanent.code, message(host, `the host answered ${status}`, permanent.advice))
}

function withHeaders(failure: PermanentFailure | undefined, sent: boolean | undefined) {
  if (failure !== DENIED || sent === undefined) return failure
  return sent ? DENIED_DESPITE_HEADERS : DENIED_ELSEWHERE
}

const PERMANENT_CODES: ErrorCode[] = [
  'source.denied',
  'source.not_found',
  'source.rejected',
  'source.not_media',
]

/** True when the host has answered that it will never serve this URL. */
export const isPermanentFailure = (error: unknown): boolean =>
  error instanceof CutroomError && PERMANENT_CODES.includes(error.code)

/** A `source.too_large` error; the limit is in bytes. */
export const sourceTooLarge = (host: string, maxBytes: number) =>
  new CutroomError(
    'source.too_large',
    `The source at ${host} exceeds the limit of ${maxBytes} bytes. Use a smaller file.`,
  )

/** A `media.unreadable` error for a source of 0 bytes. */
export const sourceEmpty = (host: string) =>
  new CutroomError(
    'media.unreadable',
    `The source at ${host} is empty. Check that the URL points to a media file.`,
  )

/** Whatever a connection threw, as a CutroomError. */
export function asSourceError(error: unknown, host: string): CutroomError {
  if (error instanceof CutroomError) return error
  const code = systemErrorCode(error)
  if (code === 'ENOTFOUND') return hostNotPublic(host)
  return sourceUnavailable(host, REASONS[code] ?? 'the connection was interrupted', error)
}

/** True for a host that could not be reached, or did not answer in time: asking it differently does not help. */
export const isUnreachable = (error: unknown): boolean =>
  error instanceof CutroomError && systemErrorCode(error.cause) in REASONS

/** True when a host closed the connection instead of answering. */
export const isInterrupted = (error: unknown): boolean =>
  error instanceof CutroomError &&
  ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].includes(systemErrorCode(error.cause))

/** The code of an error, or of the first one in an AggregateError (one for each address that was tried). */
export function systemErrorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  if ('errors' in error && Array.isArray(error.errors)) return systemErrorCode(error.errors[0])
  return 'code' in error ? String(error.code) : ''
}
