import type { ERRORS } from '../generated/errors.ts'

/** The codes of the service, and those that the client reports itself. */
export type ErrorCode =
  | keyof typeof ERRORS
  | 'client.connection_failed'
  | 'client.delivery_failed'
  | 'client.reply_unexpected'
  | 'client.input_invalid'
  | 'client.signature_invalid'
  | 'task.aborted'

/** What is wrong with one field of a request: its JSON path, such as `recipe.output.crf`, and the reason. */
export type FieldError = { path: string; message: string }

export type ErrorDetails = {
  /** The HTTP status, when the service replied. */
  status?: number | undefined
  errors?: FieldError[] | undefined
  requestId?: string | undefined
  /** Seconds to wait before another attempt. */
  retryAfter?: number | undefined
  cause?: unknown
}

/**
 * A request that failed. Act on `code`; the `message` is for people. `CutroomError` adds what to do about it, from the catalogue
 * of errors, which a small bundle leaves out.
 */
export class ApiError extends Error {
  override readonly name: string = 'ApiError'
  /** One of {@link ErrorCode}, or a code that a newer service has introduced. */
  declare readonly code: ErrorCode | (string & {})
  /** What happened. */
  declare readonly detail: string
  /** Undefined when there was no reply. */
  declare readonly status: number | undefined
  /** Every invalid field of the request. */
  declare readonly errors: FieldError[]
  declare readonly requestId: string | undefined
  /** Seconds to wait before another attempt, when the service says so. */
  declare readonly retryAfter: number | undefined
  /** Whether the same request can succeed later. */
  declare readonly retryable: boolean

  constructor(
    code: ErrorCode | (string & {}),
    detail: string,
    {
      message = detail,
      cause,
      ...details
    }: ErrorDetails & { message?: string; retryable?: boolean | undefined } = {},
  ) {
    super(message, { cause })
    const { status, errors = [], requestId, retryAfter, retryable = isTemporary(code, status) } = details
    Object.assign(this, { code, detail, status, errors, requestId, retryAfter, retryable })
  }
}

/** Whether the same request can succeed later. */
const isTemporary = (code: string, status?: number): boolean =>
  code === 'client.connection_failed' || (status !== undefined && isTemporaryStatus(status))

export const isTemporaryStatus = (status: number): boolean =>
  status === 408 || status === 429 || status >= 500
