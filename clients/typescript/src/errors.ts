import type { Task } from './api.ts'
import { ERRORS } from './generated/errors.ts'
import { ApiError, type ErrorCode, type ErrorDetails, type FieldError } from './http/api-error.ts'
import type { Fail } from './http/problem.ts'

export type { ErrorCode, FieldError } from './http/api-error.ts'

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
} as const satisfies Partial<Record<ErrorCode, { retry: boolean; advice: string }>>

/**
 * Every failure that this client reports, except that an aborted `signal` rejects with its own reason. Act on `code`; the
 * `message` is for people and says what happened, names each invalid field, and says what to do.
 */
export class CutroomError extends ApiError {
  override readonly name: string = 'CutroomError'
  /** What to do about it. */
  readonly advice: string

  /** `advice`: what to do, if it differs from what the catalogue of errors says. */
  constructor(
    code: ErrorCode | (string & {}),
    detail: string,
    { advice, ...details }: ErrorDetails & { advice?: string } = {},
  ) {
    const entry = entryOf(code)
    const text = advice ?? entry?.advice ?? ''
    const message = toMessage(code, detail, details.errors ?? [], text)
    super(code, detail, { ...details, message, retryable: entry?.retry })
    this.advice = text
  }
}

/** How the functions of the core make their errors here. */
export const cutroomError: Fail = (code, detail, details) => new CutroomError(code, detail, details)

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
