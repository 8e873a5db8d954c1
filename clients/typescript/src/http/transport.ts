import { CutroomError } from '../errors.ts'
import { backoffMs, sleep } from './backoff.ts'
import { toError } from './problem.ts'

export type Transport = {
  /**
   * Sends a request, and again while that can help; resolves to what `read` makes of a reply that `isOk`, or rejects with a CutroomError.
   * `read` is called once for each attempt, so that a body which breaks off is asked for again. Without it, the reply itself comes back.
   */
  send(request: OutgoingRequest): Promise<Response>
  send<Result>(request: OutgoingRequest, read: (response: Response) => Promise<Result>): Promise<Result>
}

export type OutgoingRequest = {
  method: string
  url: string
  headers?: Record<string, string>
  body?: string | Blob | undefined
  signal?: AbortSignal | undefined
  /**
   * Whether the request may arrive twice: it only reads, or names the same thing each time, or has an idempotency key. Others
   * are only sent again when the service refused them before it began.
   */
  repeatable: boolean
  /** Which replies are no errors; 2xx by default. */
  isOk?: (status: number) => boolean
}

export type TransportOptions = {
  fetch?: typeof fetch | undefined
  /** How often a request is sent at most, the first time included; 6 by default. */
  attempts?: number | undefined
}

const DEFAULT_ATTEMPTS = 6
/** Replies of a service that has not begun with the request. */
const REFUSED = new Set([429, 503])

/** Sends requests with `fetch` and repeats those that failed for reasons that pass. */
export function createTransport({
  fetch: send = globalThis.fetch,
  attempts = DEFAULT_ATTEMPTS,
}: TransportOptions): Transport {
  async function attempt<Result>(request: OutgoingRequest, read: Read<Result>): Promise<Result> {
    const { method, url, headers = {}, body, signal, isOk = is2xx } = request
    const action = `${method} ${new URL(url).pathname}`
    const init = { method, headers, ...(body !== undefined && { body }), ...(signal && { signal }) }
    const response = await send(url, init).catch((cause) => {
      signal?.throwIfAborted()
      throw connectionFailed(action, url, cause)
    })
    if (isOk(response.status)) return read(response)
    throw await toError(response, action)
  }

  async function sendAndRead<Result>(request: OutgoingRequest, read: Read<Result>): Promise<Result> {
    for (let count = 1; ; count++) {
      try {
        return await attempt(request, read)
      } catch (error) {
        if (count >= attempts || !canRepeat(error, request.repeatable)) throw error
        await sleep(backoffMs(count, error.retryAfter), request.signal)
      }
    }
  }

  return {
    send: (request: OutgoingRequest, read: Read<unknown> = async (response) => response) =>
      sendAndRead(request, read) as Promise<never>,
  }
}

type Read<Result> = (response: Response) => Promise<Result>

/** The body of a reply, chunk by chunk. Rejects with `client.connection_failed` when the connection breaks. */
export async function* chunksOf({ body, url }: Response, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader()
  try {
    for (;;) {
      const chunk = await reader?.read().catch((cause) => {
        signal?.throwIfAborted()
        const address = url ? new URL(url).host : 'the service'
        const detail = `The connection to ${address} broke while a reply arrived.`
        throw new CutroomError('client.connection_failed', detail, { cause })
      })
      if (!chunk || chunk.done) return
      yield chunk.value
    }
  } finally {
    await reader?.cancel().catch(() => undefined)
  }
}

/** The body of a reply as text; rejects like `chunksOf`. */
export async function textOf(response: Response, signal?: AbortSignal): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of chunksOf(response, signal)) text += decoder.decode(chunk, { stream: true })
  return text + decoder.decode()
}

const is2xx = (status: number) => status >= 200 && status < 300

function canRepeat(error: unknown, repeatable: boolean): error is CutroomError {
  if (!(error instanceof CutroomError) || !error.retryable) return false
  return repeatable || REFUSED.has(error.status ?? 0)
}

/** `url` without its query, which may hold a signature. */
function connectionFailed(action: string, url: string, cause: unknown): CutroomError {
  const reason = cause instanceof Error ? (codeOf(cause) ?? cause.message) : String(cause)
  const detail = `${action} failed: no reply from ${new URL(url).host} (${reason}).`
  return new CutroomError('client.connection_failed', detail, { cause })
}

const codeOf = ({ cause }: Error) => (cause as { code?: string } | undefined)?.code
