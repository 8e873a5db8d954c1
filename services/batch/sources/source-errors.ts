import { CutroomError, type ErrorCode } from '#shared/errors.ts'

/** What a system or HTTP client error code means to someone who submitted a URL. */
const REASONS: Record<string, string> = {
  ENOTFOUND: 'the host name does not exist',
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
export const sourceRefused = (host: string, why: string) =>
  new CutroomError('source.refused', message(host, why, 'Use a public http or https URL.'))

/** A `source.unavailable` error: another attempt may succeed. */
export const sourceUnavailable = (host: string, why: string, cause?: unknown) =>
  new CutroomError('source.unavailable', message(host, why), { cause })

/** The statuses after which no attempt will succeed. */
const PERMANENT: Record<number, { code: ErrorCode; advice: string }> = {
  401: { code: 'source.denied', advice: 'Use a URL that works without signing in, such as a signed URL.' },
  403: { code: 'source.denied', advice: 'Use a URL that works without signing in, such as a signed URL.' },
  404: { code: 'source.not_found', advice: 'Check that the URL points to an existing file.' },
  410: { code: 'source.not_found', advice: 'Check that the URL points to an existing file.' },
}

/** The error for an HTTP status: `source.denied` or `source.not_found`, otherwise `source.unavailable`. */
export function errorFromStatus(host: string, status: number): CutroomError {
  const permanent = PERMANENT[status]
  if (!permanent) return sourceUnavailable(host, `the host answered ${status}`)
  return new CutroomError(permanent.code, message(host, `the host answered ${status}`, permanent.advice))
}

/** True when the host has answered that it will never serve this URL. */
export const isPermanentFailure = (error: unknown): boolean =>
  error instanceof CutroomError && Object.values(PERMANENT).some(({ code }) => code === error.code)

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
  return sourceUnavailable(host, REASONS[systemErrorCode(error)] ?? 'the connection was interrupted', error)
}

/** The code of an error, or of the first one in an AggregateError (one for each address that was tried). */
export function systemErrorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  if ('errors' in error && Array.isArray(error.errors)) return systemErrorCode(error.errors[0])
  return 'code' in error ? String(error.code) : ''
}
