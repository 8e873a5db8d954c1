import { CutroomError, type ErrorCode } from '../errors.ts'

/**
 * Runs a call of Cloud Storage, including its library's retries, and turns its error into a CutroomError: a status in
 * `known` into that code, everything else (429, 5xx, no network, no permission) into `storage.unavailable`.
 * `attempted` is an infinitive such as "store a.mp4".
 */
export async function withGcsErrors<T>(
  attempted: string,
  call: () => Promise<T>,
  known: Partial<Record<number, ErrorCode>> = {},
): Promise<T> {
  try {
    return await call()
  } catch (thrown) {
    throw asStorageError(attempted, thrown, known)
  }
}

/** Converts one error in the same way. A CutroomError is returned unchanged. */
export function asStorageError(
  attempted: string,
  cause: unknown,
  known: Partial<Record<number, ErrorCode>> = {},
): CutroomError {
  if (cause instanceof CutroomError) return cause
  const status = httpStatus(cause)
  const code = (status !== undefined && known[status]) || 'storage.unavailable'
  const hint =
    status === 401 || status === 403 ? ' Check that the service account has access to the bucket.' : ''
  return new CutroomError(code, `Could not ${attempted} (${status ?? messageOf(cause)}).${hint}`, { cause })
}

/** The HTTP status of an error of the library, which has it as `code`, as `status` or in `response`. */
export function httpStatus(thrown: unknown): number | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined
  const { code, status, response } = thrown as { code?: unknown; status?: unknown; response?: unknown }
  const nested =
    typeof response === 'object' && response !== null ? (response as { status?: unknown }).status : undefined
  return [code, status, nested].map(Number).find((value) => value >= 100 && value < 600)
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Object && 'message' in thrown ? String(thrown.message) : String(thrown)
}
