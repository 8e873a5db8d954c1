import { Agent, type Dispatcher, request } from 'undici'
import { rejectionReason } from '#shared/net/public-address.ts'
import { type ConnectionGuard, guardedConnector } from './guarded-connector.ts'
import { asSourceError, errorFromStatus, sourceRefused, sourceUnavailable } from './source-errors.ts'

/** `range` has both ends inclusive, in bytes; `ifRange` is the ETag or date the bytes must still have. */
export type GuardedRequest = {
  range?: { start: number; end: number }
  ifRange?: string | undefined
  signal?: AbortSignal | undefined
}

/** A reply from where the redirects ended. Read `body` to its end, or break off, or discard it. */
export type GuardedReply = {
  url: string
  host: string
  status: number
  /** Names in lower case; of a repeated header the first. */
  header(name: string): string | undefined
  /** Fails with `source.unavailable` when the connection breaks or falls silent. */
  body: AsyncIterable<Buffer>
  discard(): void
}

export type GuardedFetch = {
  /**
   * GETs an http or https URL, following at most 5 redirects, each checked like the first. Answers with
   * status 200, 206 or 416. Throws `source.refused` for what must not be read, `source.denied` and
   * `source.not_found` for what will not be given, `source.unavailable` for everything else, and the signal's
   * reason when it was aborted.
   */
  get(url: string, options?: GuardedRequest): Promise<GuardedReply>
  /** Breaks off whatever is still under way. */
  close(): Promise<void>
}

const MAX_REDIRECTS = 5
const REDIRECTS = new Set([301, 302, 303, 307, 308])
const ANSWERS = new Set([200, 206, 416])
/** Pages that stand where a file was: a login, an error, a listing. */
const NO_MEDIA = /^\s*(text\/html|application\/xhtml\+xml|text\/xml|application\/xml|application\/json)\b/i

/**
 * The only way to a user's URL. Every connection is checked when it is made: all addresses of the name must
 * be public, and the socket dials the very addresses that were checked, so a name that changes its mind
 * between two lookups (DNS rebinding) gains nothing.
 */
export function createGuardedFetch(guard: ConnectionGuard): GuardedFetch {
  const agent = new Agent({
    connect: guardedConnector(guard),
    headersTimeout: guard.readTimeoutMs,
    bodyTimeout: guard.readTimeoutMs,
  })

  async function get(address: string, options: GuardedRequest = {}): Promise<GuardedReply> {
    let url = parseUrl(address)
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const objection = rejectionReason(url, guard.allowHosts, guard.mayConnect)
      if (objection) throw sourceRefused(url.host || url.protocol, objection)
      const reply = await requestOnce(agent, url, options)
      const location = REDIRECTS.has(reply.statusCode) ? first(reply.headers.location) : undefined
      if (location === undefined) return accept(url, reply, options.signal)
      reply.body.destroy()
      url = parseUrl(location, url)
    }
    throw sourceUnavailable(url.host, `it was still redirecting after ${MAX_REDIRECTS} times`)
  }

  return { get, close: () => agent.destroy() }
}

/** One request, no redirect followed. Nothing travels along but the range and its condition. */
async function requestOnce(agent: Agent, url: URL, { range, ifRange, signal }: GuardedRequest) {
  const headers = {
    accept: '*/*',
    'accept-encoding': 'identity',
    'user-agent': 'Cutroom',
    ...(range && { range: `bytes=${range.start}-${range.end}` }),
    ...(range && ifRange && { 'if-range': ifRange }),
  }
  try {
    const reply = await request(url, { dispatcher: agent, headers, ...(signal && { signal }) })
    // A body that nobody reads yet, or ever, must not end the process when it breaks: readers are told as well.
    reply.body.on('error', () => undefined)
    return reply
  } catch (error) {
    signal?.throwIfAborted()
    throw asSourceError(error, url.host)
  }
}

/** A reply that can hold media, or the fault that it is. */
function accept(url: URL, reply: Dispatcher.ResponseData, signal: AbortSignal | undefined): GuardedReply {
  const header = (name: string) => first(reply.headers[name])
  const fault = !ANSWERS.has(reply.statusCode)
    ? errorFromStatus(url.host, reply.statusCode)
    : reply.statusCode !== 416 && NO_MEDIA.test(header('content-type') ?? '')
      ? sourceUnavailable(url.host, 'it answered with a page, not with media')
      : (header('content-encoding') ?? 'identity') !== 'identity'
        ? sourceUnavailable(url.host, 'it answered compressed, which was not asked for')
        : undefined
  if (fault) {
    reply.body.destroy()
    throw fault
  }
  return {
    url: url.href,
    host: url.host,
    status: reply.statusCode,
    header,
    body: withFaults(reply.body, url.host, signal),
    discard: () => reply.body.destroy(),
  }
}

async function* withFaults(body: AsyncIterable<Buffer>, host: string, signal: AbortSignal | undefined) {
  try {
    yield* body
  } catch (error) {
    signal?.throwIfAborted()
    throw asSourceError(error, host)
  }
}

const first = (header: string | string[] | undefined) => (Array.isArray(header) ? header[0] : header)

function parseUrl(address: string, base?: URL): URL {
  const url = URL.parse(address, base?.href)
  if (!url) throw sourceRefused('The address', 'it is no URL')
  return url
}
