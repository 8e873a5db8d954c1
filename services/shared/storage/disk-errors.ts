import { CutroomError } from '../errors.ts'

/** Whether something thrown is a system error of one of these codes. */
export function hasCode(thrown: unknown, ...codes: string[]): boolean {
  const code = systemCode(thrown)
  return code !== undefined && codes.includes(code)
}

/**
 * Runs something on the disk store's files. A system error becomes `media.disk_full` or
 * `storage.unavailable`, naming what was attempted; a CutroomError stays as it is.
 */
export async function withDiskErrors<T>(attempted: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (thrown) {
    throw asStorageError(attempted, thrown)
  }
}

function asStorageError(attempted: string, cause: unknown): unknown {
  const code = systemCode(cause)
  if (cause instanceof CutroomError || code === undefined) return cause
  if (hasCode(cause, 'ENOSPC', 'EDQUOT')) {
    const message = `The disk is full: could not ${attempted}. Make room in DATA_DIR; the work is tried again.`
    return new CutroomError('media.disk_full', message, { cause })
  }
  const message = `Could not ${attempted} (${code}). See that DATA_DIR can be read and written.`
  return new CutroomError('storage.unavailable', message, { cause })
}

// Told by its shape: an error made in another realm is no instance of this one's Error.
function systemCode(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return undefined
  return typeof thrown.code === 'string' ? thrown.code : undefined
}
