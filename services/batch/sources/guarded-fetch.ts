import { Agent, type Dispatcher, request } from 'undici'
import type { CutroomError } from '#shared/errors.ts'
import { rejectionReason } from '#shared/net/public-address.ts'
import { type ConnectionGuard, guardedConnector } from './guarded-connector.ts'
import { asSourceError, errorFromStatus, sourceRefused, sourceUnavailable } from './source-errors.ts'

export type GuardedRequest = {
  /** In bytes, both ends inclusive. */
  range?: { start: number; end: number }
  /** The ETag or date that the file must still have for the range to be valid. */
  ifRange?: string | undefined
  signal?: AbortSignal | undefined
}

/** A response from the end of all redirects. Read `body` to its end, leave its loop, or discard it. */
export type GuardedReply = {
  url: string
  host: string
  status: number
  /** Takes a name in lower case; returns the first value of a repeated header. */
  header(name: string): string | undefined
  /** Throws `source.unavailable` when the connection breaks or times out. */
  body: AsyncIterable<Buffer>
  discard(): void
}

export type GuardedFetch = {
  /**
   * GETs an http or https URL, following up to 5 redirects, each of which is checked like the first URL. Resolves
   * with status 200, 206 or 416.
   * @throws CutroomError `source.refused` for a URL that must not be fetched, `source.denied` and
   * `source.not_found` for what the host will never serve, `source.unavailable` for everything else; the signal's
   * reason when aborted.
   */
  get(url: string, options?: GuardedRequest): Promise<GuardedReply>
  /** Closes all connections at once. */
  close(): Promise<void>
}

const MAX_REDIRECTS = 5
const REDIRECT_STATUSES = new Set([301, 302, 303, 307, 308])
const ACCEPTED_STATUSES = new Set([200, 206, 416])
/** Pages that replace a file: a login form, an error, a directory listing. */
const PAGE_TYPE = /^\s*(text\/html|application\/xhtml\+xml|text\/xml|application\/xml|application\/json)\b/i

/**
 * The only way to a user's URL. Each connection is checked when it is made: all addresses of the host name must be
 * public, and the socket connects to the very addresses that were checked. So a name that resolves to something
 * else the next time (DNS rebinding) gains nothing.
 */
export function createGuardedFetch(guard: ConnectionGuard): GuardedFetch {
  const agent = new Agent({
    connect: guardedConnector(guard),
    headersTimeout: guard.readTimeoutMs,
    bodyTimeout: guard.readTimeoutMs,
  })

  async function get(address: string, options: GuardedRequest = {}): Promise<GuardedReply> {
    let url = parseUrl(address)
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const reason = rejectionReason(url, guard.allowHosts, guard.mayConnect)
      if (reason) throw sourceRefused(url.host || url.protocol, reason)
      const response = await requestOnce(agent, url, options)
      const location = REDIRECT_STATUSES.has(response.statusCode)
        ? firstValue(response.headers.location)
        : undefined
      if (location === undefined) return toReply(url, response, options.signal)
      response.body.destroy()
      url = parseUrl(location, url)
    }
    throw sourceUnavailable(url.host, `the URL redirects more than ${MAX_REDIRECTS} times`)
  }

  return { get, close: () => agent.destroy() }
}

/** One request without following redirects. It carries nothing but the range and its condition. */
async function requestOnce(agent: Agent, url: URL, { range, ifRange, signal }: GuardedRequest) {
  const headers = {
    accept: '*/*',
    'accept-encoding': 'identity',
    'user-agent': 'Cutroom',
    ...(range && { range: `bytes=${range.start}-${range.end}` }),
    ...(range && ifRange && { 'if-range': ifRange }),
  }
  try {
    const response = await request(url, { dispatcher: agent, headers, ...(signal && { signal }) })
    // An error of a body that nobody reads must not end the process; readers receive it as well.
    response.body.on('error', () => undefined)
    return response
  } catch (error) {
    signal?.throwIfAborted()
    throw asSourceError(error, url.host)
  }
}

function toReply(url: URL, response: Dispatcher.ResponseData, signal: AbortSignal | undefined): GuardedReply {
  const error = responseError(url.host, response)
  if (error) {
    response.body.destroy()
    throw error
  }
  return {
    url: url.href,
    host: url.host,
    status: response.statusCode,
    header: (name) => firstValue(response.headers[name]),
    body: withSourceErrors(response.body, url.host, signal),
    discard: () => response.body.destroy(),
  }
}

/** Why a response cannot contain media; undefined when it can. */
function responseError(
  host: string,
  { statusCode, headers }: Dispatcher.ResponseData,
): CutroomError | undefined {
  if (!ACCEPTED_STATUSES.has(statusCode)) return errorFromStatus(host, statusCode)
  if (statusCode !== 416 && PAGE_TYPE.test(firstValue(headers['content-type']) ?? '')) {
    return sourceUnavailable(host, 'the host answered with a page instead of a media file')
  }
  if ((firstValue(headers['content-encoding']) ?? 'identity') !== 'identity') {
    return sourceUnavailable(host, 'the host compressed its answer although that was not requested')
  }
  return undefined
}

async function* withSourceErrors(body: AsyncIterable<Buffer>, host: string, signal: AbortSignal | undefined) {
  try {
    yield* body
  } catch (error) {
    signal?.throwIfAborted()
    throw asSourceError(error, host)
  }
}

const firstValue = (header: string | string[] | undefined) => (Array.isArray(header) ? header[0] : header)

function parseUrl(address: string, base?: URL): URL {
  const url = URL.parse(address, base?.href)
  if (!url) throw sourceRefused(base?.host ?? 'the given address', 'the URL is not valid')
  return url
}
