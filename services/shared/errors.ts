/**
 * The catalogue of everything that can go wrong on purpose. `status` is what web answers; `retry` is what
 * batch does with the attempt: true gives it back to the queue, false ends the task. `uncounted` marks trouble
 * of the service and not of the task: an attempt that ends in it is not counted against the task, up to a bound
 * (tasks/retry.ts). Codes are part of the contract: once published, a code keeps its meaning.
 */
export const CATALOGUE = {
  'request.malformed': { status: 400, retry: false, title: 'The request could not be read' },
  'request.invalid': { status: 422, retry: false, title: 'The request has wrong fields' },
  'request.too_large': { status: 413, retry: false, title: 'The request is too large' },
  'request.unsupported_type': { status: 415, retry: false, title: 'This content type is not read here' },
  'request.timed_out': { status: 408, retry: true, title: 'The request came in too slowly' },
  'request.headers_too_large': { status: 431, retry: false, title: 'The headers are too large' },
  'request.range_not_satisfiable': {
    status: 416,
    retry: false,
    title: 'The range asked for is not in the file',
  },
  'request.rate_limited': { status: 429, retry: true, title: 'Too many requests' },
  'route.not_found': { status: 404, retry: false, title: 'There is nothing at this address' },
  'route.method_not_allowed': { status: 405, retry: false, title: 'This address does not take this method' },
  'auth.required': { status: 401, retry: false, title: 'A valid token is needed' },
  'auth.wrong_credentials': { status: 401, retry: false, title: 'E-mail or password is wrong' },
  'auth.forbidden': { status: 403, retry: false, title: 'This caller may not do that' },
  'auth.unavailable': { status: 503, retry: true, title: 'The token cannot be checked now' },
  'user.exists': { status: 409, retry: false, title: 'That user name or e-mail is taken' },
  'idempotency.mismatch': {
    status: 422,
    retry: false,
    title: 'This Idempotency-Key belongs to another request',
  },
  'task.not_found': { status: 404, retry: false, title: 'No such task' },
  'task.not_failed': { status: 409, retry: false, title: 'Only a failed task can be tried again' },
  'task.attempts_used_up': { status: 500, retry: false, title: 'Every attempt at this task ended early' },
  'task.worker_lost': { status: 503, retry: true, title: 'The worker vanished in the middle of an attempt' },
  'output.not_found': { status: 404, retry: false, title: 'No such output' },
  'upload.not_found': { status: 404, retry: false, title: 'No such upload' },
  'upload.missing': { status: 422, retry: false, title: 'The upload holds no bytes yet' },
  'upload.link_invalid': { status: 403, retry: false, title: 'The upload link is not valid or has expired' },
  'upload.conflict': { status: 409, retry: false, title: 'The upload already holds its bytes' },
  'source.refused': { status: 422, retry: false, title: 'This address is not read' },
  'source.unavailable': { status: 422, retry: true, title: 'The source could not be fetched' },
  'source.denied': { status: 422, retry: false, title: 'The host denies access to the source' },
  'source.not_found': { status: 422, retry: false, title: 'There is nothing at the address of the source' },
  'source.too_large': { status: 422, retry: false, title: 'The source is too large' },
  'media.unreadable': {
    status: 422,
    retry: false,
    title: 'The source is not a video or sound that can be read',
  },
  'media.limits': { status: 422, retry: false, title: 'The source is beyond the limits' },
  'media.impossible': { status: 422, retry: false, title: 'The recipe does not fit the source' },
  'media.damaged': { status: 422, retry: false, title: 'The source is damaged' },
  'media.failed': { status: 500, retry: true, title: 'The media run failed' },
  'media.timed_out': { status: 503, retry: true, title: 'The media run took too long' },
  'media.too_long': { status: 422, retry: false, title: 'The work would take too long' },
  'media.disk_full': { status: 503, retry: true, title: 'The scratch space is full' },
  'media.no_free_space': {
    status: 503,
    retry: true,
    uncounted: true,
    title: 'The worker has no room for the outputs now',
  },
  'media.wrong_result': { status: 500, retry: true, title: 'The result does not agree with the plan' },
  'storage.exists': { status: 409, retry: false, title: 'An object of that name exists' },
  'storage.not_found': { status: 404, retry: false, title: 'No such object' },
  'storage.unavailable': { status: 503, retry: true, uncounted: true, title: 'The storage did not answer' },
  'notify.no_mail': { status: 422, retry: false, title: 'This service sends no mail' },
  'notify.refused': { status: 422, retry: false, title: 'This address is not called' },
  'notify.rejected': { status: 422, retry: false, title: 'The receiver wants no notification' },
  'notify.failed': { status: 503, retry: true, title: 'The notification was not taken' },
  'dry_run.unavailable': { status: 503, retry: true, title: 'No plan can be made now' },
  'queue.unavailable': { status: 503, retry: true, title: 'The queue did not answer' },
  'database.unavailable': { status: 503, retry: true, uncounted: true, title: 'The database did not answer' },
  'database.schema': { status: 500, retry: false, title: 'The database does not fit this version' },
  'service.stopping': { status: 503, retry: true, title: 'The service is shutting down' },
  'service.busy': { status: 429, retry: true, title: 'The service has its hands full' },
  'internal.bug': { status: 500, retry: true, title: 'Something unexpected went wrong' },
} as const satisfies Record<string, Entry>

type Entry = { status: number; retry: boolean; uncounted?: true; title: string }

export type ErrorCode = keyof typeof CATALOGUE

/** One wrong field of a request: a JSON path such as `sources.0.trim.duration`, and what is wrong. */
export type FieldError = { path: string; message: string }

export type ErrorDetails = {
  cause?: unknown
  /** For input: every wrong field. */
  fields?: FieldError[]
  /** Extra reply headers, such as Retry-After. */
  headers?: Record<string, string>
  /** The tool's own last words, fit for the owner's eyes: no paths, no addresses. */
  logTail?: string
}

/**
 * The one error class of the product. `message` says what was attempted, on what, and what to do; `code`
 * decides the reply and the retry, so that nobody ever reads the message to decide.
 */
export class CutroomError extends Error {
  override readonly name = 'CutroomError'
  readonly code: ErrorCode
  readonly fields: FieldError[] | undefined
  readonly headers: Record<string, string>
  readonly logTail: string | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause })
    this.code = code
    this.fields = details.fields
    this.headers = details.headers ?? {}
    this.logTail = details.logTail
  }

  get status(): number {
    return CATALOGUE[this.code].status
  }

  get retry(): boolean {
    return CATALOGUE[this.code].retry
  }

  get uncounted(): boolean {
    const { uncounted }: Entry = CATALOGUE[this.code]
    return uncounted ?? false
  }

  get title(): string {
    return CATALOGUE[this.code].title
  }
}

/** Anything thrown, as a CutroomError: an unknown error is a bug and keeps its cause. */
export function asCutroomError(thrown: unknown): CutroomError {
  if (thrown instanceof CutroomError) return thrown
  return new CutroomError('internal.bug', 'An unexpected error happened; the log has the details.', {
    cause: thrown,
  })
}
