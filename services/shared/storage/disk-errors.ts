import { CutroomError } from '../errors.ts'

/** Whether a thrown value is a system error with one of these codes. */
export function hasCode(thrown: unknown, ...codes: string[]): boolean {
  const code = systemCode(thrown)
  return code !== undefined && codes.includes(code)
}

/**
 * Runs file operations and turns system errors into CutroomErrors `media.disk_full` or `storage.unavailable`, whose
 * message contains `attempted` (an infinitive such as "store a.mp4"). Other errors pass unchanged.
 */
export async function withDiskErrors<T>(attempted: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation()
  } catch (thrown) {
    throw asStorageError(attempted, thrown)
  }
}

function asStorageError(attempted: string, cause: unknown): unknown {
  const code = systemCode(cause)
  if (cause instanceof CutroomError || code === undefined) return cause
  if (hasCode(cause, 'ENOSPC', 'EDQUOT')) {
    const message = `Could not ${attempted}: the disk is full. Free some space in DATA_DIR; the task is retried.`
    return new CutroomError('media.disk_full', message, { cause })
  }
  const message = `Could not ${attempted} (${code}). Check that DATA_DIR is readable and writable.`
  return new CutroomError('storage.unavailable', message, { cause })
}

// Duck-typed, because an error from another realm is not an instance of this realm's Error.
function systemCode(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined
  return typeof thrown.code === 'string' ? thrown.code : undefined
}
