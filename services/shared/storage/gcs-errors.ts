import { CutroomError, type ErrorCode } from '../errors.ts'

/**
 * Runs a call of Cloud Storage, which has been repeated by its library as often as that helps. A status named
 * in `known` becomes that code; everything else (429, 5xx, no network, no permission) `storage.unavailable`,
 * with what the library said.
 */
export async function withGcsErrors<T>(
  attempted: string,
  act: () => Promise<T>,
  known: Partial<Record<number, ErrorCode>> = {},
): Promise<T> {
  try {
    return await act()
  } catch (thrown) {
    throw asStorageError(attempted, thrown, known)
  }
}

/** The same for an error that came another way. A CutroomError stays as it is. */
export function asStorageError(
  attempted: string,
  cause: unknown,
  known: Partial<Record<number, ErrorCode>> = {},
): CutroomError {
  if (cause instanceof CutroomError) return cause
  const status = httpStatus(cause)
  const code = (status !== undefined && known[status]) || 'storage.unavailable'
  const hint = status === 401 || status === 403 ? ' See that the service account may use the bucket.' : ''
  return new CutroomError(code, `Could not ${attempted} (${status ?? describe(cause)}).${hint}`, { cause })
}

/** The HTTP status inside what the library throws: it comes as `code`, as `status` or within `response`. */
export function httpStatus(thrown: unknown): number | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined
  const { code, status, response } = thrown as { code?: unknown; status?: unknown; response?: unknown }
  const inside =
    typeof response === 'object' && response !== null ? (response as { status?: unknown }).status : undefined
  return [code, status, inside].map(Number).find((value) => value >= 100 && value < 600)
}

function describe(thrown: unknown): string {
  return thrown instanceof Object && 'message' in thrown ? String(thrown.message) : String(thrown)
}
