import { CutroomError, TaskFailedError } from '../errors.ts'

/** The exit code of the command line for each kind of outcome; documented in README.md. */
export const EXIT = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  auth: 3,
  input: 4,
  notFound: 5,
  limit: 6,
  unavailable: 7,
  taskFailed: 8,
  taskAborted: 9,
  interrupted: 130,
} as const

/** The command was called in a wrong way. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** Pure. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage
  if (error instanceof TaskFailedError)
    return error.code === 'task.aborted' ? EXIT.taskAborted : EXIT.taskFailed
  if (!(error instanceof CutroomError)) return EXIT.unexpected
  const { status, code } = error
  if (code === 'request.rate_limited' || /quota|too_many/.test(code) || status === 429) return EXIT.limit
  // A link that has expired is no matter of the key.
  if (/\.link_invalid$/.test(code)) return EXIT.input
  // Of a proxy or another program, whatever its status.
  if (code === 'client.reply_unexpected') return EXIT.unavailable
  if (status === 401 || status === 403) return EXIT.auth
  if (status === 404) return EXIT.notFound
  if (code === 'client.connection_failed' || code === 'client.delivery_failed' || (status ?? 0) >= 500)
    return EXIT.unavailable
  return EXIT.input
}
