import { CutroomError, type ErrorCode } from '#shared/errors.ts'

/** What system and HTTP error codes mean to someone who named a source. */
const REASONS: Record<string, string> = {
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name could not be looked up',
  ECONNREFUSED: 'nothing listens there',
  ETIMEDOUT: 'it did not answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'it did not answer in time',
  UND_ERR_HEADERS_TIMEOUT: 'it did not answer in time',
  UND_ERR_BODY_TIMEOUT: 'it fell silent in the middle',
}

/** A `source.refused`: the host will never be read. Says nothing of where its name leads. */
export const sourceRefused = (host: string, why: string) =>
  new CutroomError('source.refused', `${host} is not read: ${why}.`)

/** A `source.unavailable`: another try may go better. */
export const sourceUnavailable = (host: string, why: string, cause?: unknown) =>
  new CutroomError('source.unavailable', `The source at ${host} could not be fetched: ${why}.`, { cause })

/** What a host's status says for good; of every other one, another try may go better. */
const FINAL: Record<number, { code: ErrorCode; advice: string }> = {
  401: { code: 'source.denied', advice: 'give an address that is good without a login' },
  403: { code: 'source.denied', advice: 'give an address that is good without a login' },
  404: { code: 'source.not_found', advice: 'nothing is at this address' },
  410: { code: 'source.not_found', advice: 'nothing is at this address' },
}

/** A host's answer that brings no bytes: `source.denied`, `source.not_found`, else `source.unavailable`. */
export function errorFromStatus(host: string, status: number): CutroomError {
  const final = FINAL[status]
  if (!final) return sourceUnavailable(host, `it answered ${status}`)
  return new CutroomError(
    final.code,
    `The source at ${host} could not be fetched: it answered ${status}; ${final.advice}.`,
  )
}

/** True when a host has said for good that it gives no bytes at this address. */
export const isPermanentFailure = (error: unknown): boolean =>
  error instanceof CutroomError && Object.values(FINAL).some(({ code }) => code === error.code)

/** A `source.too_large`, with the limit in bytes. */
export const sourceTooLarge = (host: string, maxBytes: number) =>
  new CutroomError('source.too_large', `The source at ${host} is larger than ${maxBytes} bytes.`)

/** Whatever a connection threw, as a CutroomError. */
export function asSourceError(error: unknown, host: string): CutroomError {
  if (error instanceof CutroomError) return error
  return sourceUnavailable(host, REASONS[systemErrorCode(error)] ?? 'the connection broke', error)
}

/** The code of an error, or of the first one inside an AggregateError (one for each address tried). */
export function systemErrorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  if ('errors' in error && Array.isArray(error.errors)) return systemErrorCode(error.errors[0])
  return 'code' in error ? String(error.code) : ''
}
