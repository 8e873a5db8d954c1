import { Agent, type Dispatcher, request } from 'undici'
import { rejectionReason } from '#shared/net/public-address.ts'
import { type ConnectionGuard, guardedConnector } from './guarded-connector.ts'
import {
  type Connection,
  createHostConnections,
  type HostConnections,
  waitRetryAfter,
} from './host-connections.ts'
import type { Pace } from './pace/pace.ts'
import { areFor, createRequestHeaders, type OwnHeaders, type RequestedBytes } from './request-headers.ts'
import { canDecompress, openBody } from './response-body.ts'
import { pageAdvice } from './share-links.ts'
import {
  asSourceError,
  errorFromStatus,
  isInterrupted,
  sourceIsPage,
  sourceRefused,
  sourceRejected,
  sourceUnavailable,
} from './source-errors.ts'

export type GuardedRequest = RequestedBytes & {
  signal?: AbortSignal | undefined
  /** The requests of the same job, for hosts that do not serve several at a time. */
  connections?: HostConnections
  /** Headers of the user's own. */
  own?: OwnHeaders | undefined
  /** Watches the pace of the source. */
  pace?: Pace
}

/**
 * A response from the end of all redirects. Read `body` to its end, leave its loop, or discard it: a host that serves
 * one request at a time is sent the next one after that.
 */
export type GuardedReply = {
  url: string
  host: string
  status: number
  /**
   * Takes a name in lower case; returns the first value of a repeated header. There is no content-length when the
   * body had to be decompressed.
   */
  header(name: string): string | undefined
  /** Throws `source.unavailable` when the connection breaks or times out. */
  body: AsyncIterable<Buffer>
  discard(): void
}

export type GuardedFetch = {
  /**
   * GETs an http or https URL, following up to 5 redirects, each of which is checked like the first URL. Resolves
   * with status 200, 206 or 416. Repeats a request that a host refused because of another one, or for which it named
   * a short time to wait.
   * @throws CutroomError `source.refused` for a URL that must not be fetched, `source.denied`, `source.not_found`,
   * `source.rejected` and `source.not_media` for what the host will never serve, `source.unavailable` for everything
   * else; the signal's reason when aborted.
   */
  get(url: string, options?: GuardedRequest): Promise<GuardedReply>
  /** Closes all connections at once. */
  close(): Promise<void>
}

const MAX_REDIRECTS = 5
const REDIRECT_STATUSES = new Set([301, 302, 303, 307, 308])
const ACCEPTED_STATUSES = new Set([200, 206, 416])
/** Statuses with which hosts ask to wait. */
const WAIT_STATUSES = new Set([429, 503])
/** Statuses that say that the file is gone, and so nothing about the number of requests. */
const GONE_STATUSES = new Set([404, 410])
/** How often one URL is requested before its host's refusal counts. */
const MAX_REQUESTS = 3

type Response = Dispatcher.ResponseData

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

  async function get(address: string, requested: GuardedRequest = {}): Promise<GuardedReply> {
    const options = {
      ...requested,
      connections: requested.connections ?? createHostConnections(),
      signal: withPace(requested),
    }
    const headers = createRequestHeaders(requested)
    let url = parseUrl(address)
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const reason = rejectionReason(url, guard.allowHosts, guard.mayConnect)
      if (reason) throw sourceRefused(url.host || url.protocol, reason)
      const { response, connection } = await requestInTurn(url, { ...options, headers: headers.to(url) })
      const location = REDIRECT_STATUSES.has(response.statusCode)
        ? firstValue(response.headers.location)
        : undefined
      if (location === undefined) return toReply({ address, url, response, connection }, options)
      headers.storeCookies(url, response.headers['set-cookie'])
      discard(response, connection)
      url = parseUrl(location, url)
    }
    throw sourceRejected(
      url.host,
      `the URL redirects more than ${MAX_REDIRECTS} times`,
      'Use the address that a browser ends at.',
    )
  }

  /**
   * One request, repeated when its host refused it because another one was under way, and when it asked to wait. From
   * then on, requests to this host take turns.
   */
  async function requestInTurn(url: URL, options: { headers: Record<string, string> } & RequestOptions) {
    const { connections } = options
    for (let requests = 1; ; requests++) {
      const connection = await connections.acquire(url.host, options.signal)
      const response = await requestOnce(agent, url, options).catch((error: unknown) => {
        connection.release()
        if (requests === MAX_REQUESTS || !connection.shared() || !isInterrupted(error)) throw error
        return undefined
      })
      for (const event of ['end', 'close']) response?.body.once(event, connection.release)
      if (response && !isRefusal(response, connection)) return { response, connection }
      connections.limitToOne(url.host)
      if (response) discard(response, connection)
      if (
        response &&
        (requests === MAX_REQUESTS || !(await mayRepeat(response, connection, options.signal)))
      ) {
        return { response, connection }
      }
    }
  }

  async function toReply(
    {
      address,
      url,
      response,
      connection,
    }: { address: string; url: URL; response: Response; connection: Connection },
    { range, signal, connections, own, pace }: Pick<GuardedRequest, 'range' | 'own'> & RequestOptions,
  ): Promise<GuardedReply> {
    const { statusCode: status, headers } = response
    const { host } = url
    const onError = () => connection.shared() && connections.limitToOne(host)
    try {
      if (!ACCEPTED_STATUSES.has(status)) throw errorFromStatus(host, status, own && areFor(own, url))
      const contentEncoding = firstValue(headers['content-encoding'])?.trim().toLowerCase() || 'identity'
      // Ranges of a compressed file are of no use.
      if (contentEncoding !== 'identity' && (status !== 200 || !canDecompress(contentEncoding))) {
        throw sourceUnavailable(host, 'the host compressed its answer although that was not requested')
      }
      const raw = withSourceErrors(pace ? pace.watch(response.body) : response.body, {
        host,
        signal,
        onError,
      })
      const isStart = status === 200 || (status === 206 && (range?.start ?? 0) === 0)
      const contentType = firstValue(headers['content-type'])
      const { body, decompressed, isPage } = isStart
        ? await openBody(raw, { contentType, contentEncoding })
        : { body: raw, decompressed: false, isPage: false }
      if (isPage) throw sourceIsPage(host, pageAdvice(address))
      const header = (name: string) =>
        decompressed && name === 'content-length' ? undefined : firstValue(headers[name])
      return {
        url: url.href,
        host,
        status,
        header,
        body: withSourceErrors(body, { host, signal }),
        discard: () => discard(response, connection),
      }
    } catch (error) {
      discard(response, connection)
      throw asSourceError(error, host)
    }
  }

  return { get, close: () => agent.destroy() }
}

/** Ends a response without reading it; the host's next request need not wait for the connection to close. */
function discard({ body }: Response, { release }: Connection) {
  body.destroy()
  release()
}

/** Whether a response means that the host has too many requests, of this client or of all. */
const isRefusal = ({ statusCode: status }: Response, connection: Connection) =>
  WAIT_STATUSES.has(status) ||
  (connection.shared() && status >= 400 && !ACCEPTED_STATUSES.has(status) && !GONE_STATUSES.has(status))

/** Whether a refused request may be repeated: in its turn, or after the time that the host names. */
const mayRepeat = async ({ headers }: Response, connection: Connection, signal: AbortSignal | undefined) =>
  (await waitRetryAfter(firstValue(headers['retry-after']), signal)) || connection.shared()

type RequestOptions = Pick<GuardedRequest, 'signal' | 'pace'> & { connections: HostConnections }

/** What ends a request: the caller, and a source that is too slow. */
const withPace = ({ signal, pace }: GuardedRequest): AbortSignal | undefined =>
  signal && pace ? AbortSignal.any([signal, pace.signal]) : (signal ?? pace?.signal)

/** One request without following redirects. */
async function requestOnce(
  agent: Agent,
  url: URL,
  { headers, signal, pace }: { headers: Record<string, string> } & Pick<GuardedRequest, 'signal' | 'pace'>,
): Promise<Response> {
  try {
    const send = () => request(url, { dispatcher: agent, headers, ...(signal && { signal }) })
    const response = await (pace ? pace.during(send) : send())
    // An error of a body that nobody reads must not end the process; readers receive it as well.
    response.body.on('error', () => undefined)
    return response
  } catch (error) {
    signal?.throwIfAborted()
    throw asSourceError(error, url.host)
  }
}

async function* withSourceErrors(
  body: AsyncIterable<Buffer>,
  { host, signal, onError }: { host: string; signal: AbortSignal | undefined; onError?: () => void },
) {
  try {
    yield* body
  } catch (error) {
    signal?.throwIfAborted()
    onError?.()
    throw asSourceError(error, host)
  }
}

const firstValue = (header: string | string[] | undefined) => (Array.isArray(header) ? header[0] : header)

function parseUrl(address: string, base?: URL): URL {
  const url = URL.parse(address, base?.href)
  if (!url) throw sourceRefused(base?.host ?? 'the given address', 'the URL is not valid')
  return url
}
