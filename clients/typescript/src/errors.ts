import type { Task } from './api.ts'
import { ERRORS } from './generated/errors.ts'

/** Errors that this client reports itself, and advice that differs for its users. The other codes are those of the service. */
const CLIENT_ERRORS = {
  'auth.required': {
    retry: false,
    advice:
      'Log in again, or check that the API key is complete, has not expired and is one of this service.',
  },
  'client.connection_failed': {
    retry: true,
    advice: 'Check the address of the service, that it runs, and your connection; then try again.',
  },
  'client.reply_unexpected': {
    retry: false,
    advice: 'Check that the address is that of a Cutroom service, and not of a proxy or another program.',
  },
  'client.delivery_failed': { retry: true, advice: 'Check that the receiver runs, then deliver again.' },
  'client.input_invalid': { retry: false, advice: 'Correct the arguments of the call.' },
  'client.signature_invalid': {
    retry: false,
    advice:
      'Reply 401. Check that the secret is that of your account or of the webhook endpoint, and that the body is passed on byte for byte.',
  },
  'task.aborted': { retry: false, advice: 'Create the task again if it is still needed.' },
} as const

export type ErrorCode = keyof typeof ERRORS | keyof typeof CLIENT_ERRORS

/** What is wrong with one field of a request: its JSON path, such as `recipe.output.crf`, and the reason. */
export type FieldError = { path: string; message: string }

export type ErrorDetails = {
  /** The HTTP status, when the service replied. */
  status?: number | undefined
  errors?: FieldError[] | undefined
  requestId?: string | undefined
  /** Seconds to wait before another attempt. */
  retryAfter?: number | undefined
  /** What to do, if it differs from what the catalogue of errors says. */
  advice?: string | undefined
  cause?: unknown
}

/**
 * Every failure that this client reports, except that an aborted `signal` rejects with its own reason. Act on `code`; the
 * `message` is for people and says what happened, names each invalid field, and says what to do.
 */
export class CutroomError extends Error {
  override readonly name: string = 'CutroomError'
  /** One of {@link ErrorCode}, or a code that a newer service has introduced. */
  readonly code: ErrorCode | (string & {})
  readonly detail: string
  readonly status: number | undefined
  /** Every invalid field of the request. */
  readonly errors: FieldError[]
  readonly requestId: string | undefined
  readonly retryAfter: number | undefined
  /** Whether the same request can succeed later. */
  readonly retryable: boolean
  /** What to do about it. */
  readonly advice: string

  constructor(code: ErrorCode | (string & {}), detail: string, details: ErrorDetails = {}) {
    const { status, errors = [], requestId, retryAfter, cause } = details
    const entry = entryOf(code)
    const advice = details.advice ?? entry?.advice ?? ''
    super(toMessage(code, detail, errors, advice), { cause })
    this.code = code
    this.detail = detail
    this.status = status
    this.errors = errors
    this.requestId = requestId
    this.retryAfter = retryAfter
    this.retryable = entry?.retry ?? (status === 429 || (status ?? 0) >= 500)
    this.advice = advice
  }
}

/** A task that was waited for and did not succeed: `code` and `detail` are those of the task's error. */
export class TaskFailedError extends CutroomError {
  override readonly name: string = 'TaskFailedError'
  readonly task: Task

  constructor(task: Task) {
    const { code, message } = task.error ?? { code: 'task.aborted', message: `Task ${task.id} was aborted.` }
    super(code, message)
    this.task = task
  }
}

function entryOf(code: string): { retry: boolean; advice: string } | undefined {
  const known: Record<string, { retry: boolean; advice: string }> = { ...ERRORS, ...CLIENT_ERRORS }
  return known[code]
}

function toMessage(code: string, detail: string, errors: FieldError[], advice: string): string {
  // The service names the first fields in its detail.
  const isNamed = ({ path, message }: FieldError) => detail.includes(`${path}: ${message}`)
  const others = errors.filter((error) => !isNamed(error)).map(({ path, message }) => `${path}: ${message}`)
  const sentences = [[detail, ...others].join('; '), advice].filter(Boolean).map(toSentence)
  return [...sentences, `[${code}]`].join(' ')
}

const toSentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`)
