import { CutroomError, type ErrorCode } from '#shared/errors.ts'
import { asSourceError } from '../sources/source-errors.ts'

const message = (file: string, host: string, why: string, advice: string) =>
  `Cannot send ${file} to ${host}: ${why}. ${advice}`

/** A `destination.refused` error: nothing is ever sent there. */
export const destinationRefused = (file: string, host: string, why: string) =>
  new CutroomError('destination.refused', message(file, host, why, 'Use a public https URL.'))

/** A `destination.unavailable` error: another attempt may succeed. */
const destinationUnavailable = (file: string, host: string, why: string) =>
  new CutroomError(
    'destination.unavailable',
    message(file, host, why, 'It was tried several times; retry the task later.'),
  )

/** After so many attempts a host that was too slow in each of them is not tried again: each one holds a slot for minutes. */
const ATTEMPTS_AT_SLOW_HOSTS = 2

/** A `destination.unavailable` error for a host that receives too slowly. */
export const destinationTooSlow = (file: string, host: string) =>
  new CutroomError(
    'destination.unavailable',
    message(file, host, 'the host receives too slowly', 'Retry the task later, or download the file.'),
    { maxAttempts: ATTEMPTS_AT_SLOW_HOSTS },
  )

/** A `destination.unmatched` error: a URL for a file that there is not. */
export const destinationUnmatched = (names: string[], outputs: string[]) =>
  new CutroomError(
    'destination.unmatched',
    `The destination has URLs for files that the task did not render: ${names.slice(0, 5).join(', ')}. Its outputs are called ` +
      `${outputs.slice(0, 10).join(', ')}${outputs.length > 10 ? ' …' : ''}; a dry run lists them beforehand.`,
  )

/** What a status of the host means; undefined when the file has arrived. Bodies of replies may hold secrets and are not read. */
export function errorFromPutStatus(file: string, host: string, status: number): CutroomError | undefined {
  if (status >= 200 && status < 300) return undefined
  const why = `the host answered with status ${status}`
  const failed = (code: ErrorCode, advice: string) => new CutroomError(code, message(file, host, why, advice))
  if (status === 401 || status === 403) {
    return failed(
      'destination.denied',
      'Check that the URL or the credentials allow writing and have not expired.',
    )
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return destinationUnavailable(file, host, why)
  }
  return failed('destination.rejected', 'Check the bucket, its region and the URL.')
}

/**
 * What was thrown while a file was sent. The same for an address that was refused and for a host that does not exist: otherwise the
 * names of the network that the service is in could be guessed. No cause: it could hold headers.
 */
export function asDestinationError(thrown: unknown, file: string, host: string): CutroomError {
  if (thrown instanceof CutroomError && thrown.code.startsWith('destination.')) return thrown
  const error = asSourceError(thrown, host)
  if (error.code === 'source.refused') {
    return destinationRefused(file, host, 'the host name does not exist or has an address that is not public')
  }
  if (error.code.startsWith('storage.')) return error
  return destinationUnavailable(file, host, 'the connection failed or timed out')
}
