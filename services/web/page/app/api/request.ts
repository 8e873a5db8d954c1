import { ApiError, errorOf, networkError } from './problem.ts'
import { currentToken, discardToken, forget } from './session.ts'

type Options = {
  method?: 'GET' | 'POST' | 'DELETE'
  body?: unknown
  /** Sent without a token. */
  anonymous?: boolean
  headers?: Record<string, string>
  signal?: AbortSignal
  /** Lets the request outlive the page. */
  keepalive?: boolean
}

/**
 * One request to the API. A refused token is replaced once; a session that has ended is forgotten, which brings the log-in back.
 * @throws ApiError
 */
export async function request<T>(path: string, options: Options = {}): Promise<T> {
  return read<T>(await authorized(path, options))
}

/** The body of a reply as a file. @throws ApiError */
export async function download(path: string): Promise<Blob> {
  return (await openStream(path, {})).blob()
}

/** A reply whose body is read as it arrives. @throws ApiError */
export async function openStream(
  path: string,
  options: Pick<Options, 'headers' | 'signal'>,
): Promise<Response> {
  const response = await authorized(path, options)
  if (!response.ok) throw await errorOf(response)
  return response
}

async function authorized(path: string, options: Options): Promise<Response> {
  const token = options.anonymous ? undefined : await currentToken()
  const response = await send(path, options, token)
  if (response.status !== 401 || token === undefined) return response
  discardToken(token)
  const again = await send(path, options, await currentToken())
  if (again.status === 401) forget({ expired: true })
  return again
}

function send(
  path: string,
  { method = 'GET', body, headers, signal, keepalive }: Options,
  token: string | undefined,
) {
  return fetch(path, {
    method,
    headers: {
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
    ...(keepalive && { keepalive }),
  }).catch((error) => {
    throw error?.name === 'AbortError' ? error : networkError()
  })
}

async function read<T>(response: Response): Promise<T> {
  if (!response.ok) throw await errorOf(response)
  return (response.status === 204 ? undefined : await response.json()) as T
}

/** The error as an ApiError; anything else is a bug of the page and is thrown on. */
export function apiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  throw error
}
