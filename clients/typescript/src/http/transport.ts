import { ApiError } from './api-error.ts'
import { type Fail, plainError, toError } from './problem.ts'
import { type RetryOptions, withRetries } from './retries.ts'
import { type Init, sendByXhr, xhrOf } from './xhr.ts'

export type Transport = {
  /**
   * Sends a request, and again while that can help; resolves to what `read` makes of a reply that `isOk`, or rejects with an ApiError.
   * `read` is called once for each attempt, so that a body which breaks off is asked for again.
   */
  send<Result>(request: OutgoingRequest, read: (response: Response) => Promise<Result>): Promise<Result>
  /** How often a request is sent at most, the first time included. */
  attempts: number
  /** Called before each wait for another attempt. */
  onRetry: RetryOptions['onRetry']
  /** Whether `onSent` is called while bytes are being sent. */
  reportsSent: boolean
  fail: Fail
}

/** Gives the token to send, if there is one, or another one in place of one that was refused. */
export type TokenSource = (refused?: string) => string | undefined | Promise<string | undefined>

export type OutgoingRequest = RetryOptions & {
  method: string
  url: string
  headers?: Record<string, string>
  body?: string | Blob | undefined
  token?: TokenSource | undefined
  /** Lets the request outlive the page. */
  keepalive?: boolean | undefined
  /** Called with the number of bytes of the body that have left, in browsers. */
  onSent?: (bytes: number) => void
  /**
   * Whether the request may arrive twice: it only reads, or names the same thing each time, or has an idempotency key. Others
   * are only sent again when the service refused them before it began.
   */
  repeatable: boolean
  /** Which replies are no errors; 2xx by default. */
  isOk?: (status: number) => boolean
  /** Errors for which the caller has something better than another attempt. */
  isFinal?: ((error: ApiError) => boolean) | undefined
}

export type TransportOptions = {
  /** Used in place of the global `fetch`. */
  fetch?: typeof fetch | undefined
  /** How often a request is sent at most when the connection or the service fails; 6 by default. */
  attempts?: number | undefined
  /** Called before each wait for another attempt, unless the request has its own. */
  onRetry?: RetryOptions['onRetry']
  fail?: Fail | undefined
}

const DEFAULT_ATTEMPTS = 6

/** Sends requests and repeats those that failed for reasons that pass. */
export function createTransport({
  fetch: given,
  attempts = DEFAULT_ATTEMPTS,
  onRetry,
  fail = plainError,
}: TransportOptions): Transport {
  const Xhr = given ? undefined : xhrOf()

  async function attempt(request: OutgoingRequest): Promise<Response> {
    const { method, url, signal, token, isOk = is2xx } = request
    const action = `${method} ${new URL(url).pathname}`
    const transmit = (bearer: string | undefined) =>
      exchange(request, bearer).catch((cause) => {
        signal?.throwIfAborted()
        throw isUnreadable(cause)
          ? fileUnreadable(action, cause, fail)
          : connectionFailed(action, url, cause, fail)
      })
    const bearer = await token?.()
    let response = await transmit(bearer)
    if (response.status === 401 && bearer) {
      const other = await token?.(bearer)
      if (other && other !== bearer) {
        await response.body?.cancel()
        response = await transmit(other)
      }
    }
    if (isOk(response.status)) return response
    throw await toError(response, action, fail)
  }

  async function exchange(request: OutgoingRequest, bearer: string | undefined): Promise<Response> {
    const { method, url, headers, body, signal, keepalive, onSent } = request
    // What is undefined counts as absent.
    const init = {
      method,
      headers: { ...(bearer && { authorization: `Bearer ${bearer}` }), ...headers },
      body,
      signal,
      keepalive,
    } as Init
    return Xhr && onSent ? sendByXhr(Xhr, url, init, onSent) : (given ?? fetch)(url, init)
  }

  return {
    send: (request, read) =>
      withRetries(
        async () => read(await attempt(request)),
        (error): error is ApiError =>
          isRetryable(error) && !request.isFinal?.(error) && (request.repeatable || isRefusal(error)),
        { ...request, attempts: request.attempts ?? attempts, onRetry: request.onRetry ?? onRetry },
      ),
    attempts,
    onRetry,
    reportsSent: Xhr !== undefined,
    fail,
  }
}

const is2xx = (status: number) => status >= 200 && status < 300

export const isRetryable = (error: unknown): error is ApiError => error instanceof ApiError && error.retryable

/** Whether the service has not begun with the request. A proxy also answers 503 when it has lost the service's reply. */
const isRefusal = ({ status, code }: ApiError) =>
  status === 429 || (status === 503 && code !== 'client.connection_failed')

/** `url` without its query, which may hold a signature. */
export function connectionFailed(action: string, url: string, cause: unknown, fail: Fail): ApiError {
  const reason = cause instanceof Error ? reasonOf(cause) : String(cause)
  const detail = `${action} failed: no reply from ${new URL(url).host} (${reason}).`
  return fail('client.connection_failed', detail, { cause })
}

/** Of a body that is a file which has changed since it was opened. */
const isUnreadable = (error: { cause?: unknown; name?: string }) =>
  [error, error.cause].some((one) => (one as Error | undefined)?.name === 'NotReadableError')

const fileUnreadable = (action: string, cause: unknown, fail: Fail) =>
  fail('client.input_invalid', `${action} failed: the file has changed, or cannot be read any more.`, {
    cause,
  })

/** Of an error of `fetch`, whose own message never says why. */
export function reasonOf({ cause, message }: Error): string {
  const { code, message: reason } = (cause ?? {}) as { code?: unknown; message?: string }
  return typeof code === 'string' ? code : reason || message
}
