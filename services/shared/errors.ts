import { catalogueEntry, type ErrorCode } from './error-catalogue.ts'

export { CATALOGUE, type ErrorCode } from './error-catalogue.ts'

/** One invalid field of a request: its JSON path, such as `sources.0.trim.duration`, and what is wrong with it. */
export type FieldError = { path: string; message: string }

export type ErrorDetails = {
  cause?: unknown
  /** For input: every invalid field. */
  fields?: FieldError[]
  /** Additional reply headers, such as Retry-After. */
  headers?: Record<string, string>
  /** The last lines of ffmpeg's stderr, with paths and addresses removed: the task's owner reads them. */
  logTail?: string
  /** For an error that may be retried: attempts that may fail before the task does, where that is less than usual. */
  maxAttempts?: number
}

/**
 * The product's only error class. `code` decides the reply and whether to retry; `message` is for people (what was
 * attempted, on what, what happened, what to do next), and no code depends on it.
 */
export class CutroomError extends Error {
  override readonly name = 'CutroomError'
  readonly code: ErrorCode
  readonly fields: FieldError[] | undefined
  readonly headers: Record<string, string>
  readonly logTail: string | undefined
  readonly maxAttempts: number

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause })
    this.code = code
    this.fields = details.fields
    this.headers = details.headers ?? {}
    this.logTail = details.logTail
    this.maxAttempts = details.maxAttempts ?? Number.POSITIVE_INFINITY
  }

  get status(): number {
    return catalogueEntry(this.code).status
  }

  get retry(): boolean {
    return catalogueEntry(this.code).retry
  }

  get uncounted(): boolean {
    return catalogueEntry(this.code).uncounted ?? false
  }

  get title(): string {
    return catalogueEntry(this.code).title
  }
}

/** Turns anything thrown into a CutroomError. An unknown error becomes `internal.bug` and is kept as the cause. */
export function asCutroomError(thrown: unknown): CutroomError {
  if (thrown instanceof CutroomError) return thrown
  return new CutroomError('internal.bug', 'An unexpected error occurred. The server log has the details.', {
    cause: thrown,
  })
}
