import type { Arguments, OperationId, Reply } from './api.ts'
import { type Fail, unexpectedReply } from './http/problem.ts'
import type { RetryOptions } from './http/retries.ts'
import {
  connectionFailed,
  createTransport,
  type OutgoingRequest,
  type TokenSource,
  type Transport,
  type TransportOptions,
} from './http/transport.ts'
import type { Route } from './route.ts'

export type CallOptions = RetryOptions & {
  /**
   * Makes creating safe to repeat, also from another process: the same key within 24 hours returns the first reply. Without it,
   * each call gets a key of its own, which protects its retries.
   */
  idempotencyKey?: string | undefined
  /** Request headers in addition. */
  headers?: Record<string, string>
  /** Lets the request outlive the web page that sends it. */
  keepalive?: boolean
}

type OpenOptions = CallOptions & Pick<OutgoingRequest, 'isFinal'>

export type Caller = {
  readonly baseUrl: string
  /** Calls an operation; resolves to the JSON body of the reply. */
  call<Id extends OperationId>(
    route: Route<Id>,
    args: Arguments<Id>,
    options?: CallOptions,
  ): Promise<Reply<Id>>
  /** The same, for replies that are files or streams. */
  open(route: Route<string>, args: AnyArguments, options?: OpenOptions): Promise<Response>
  /** The same; resolves to what `read` makes of the reply. It is called again when the connection breaks meanwhile. */
  read<Result>(
    route: Route<string>,
    args: AnyArguments,
    read: (response: Response) => Promise<Result>,
    options?: OpenOptions,
  ): Promise<Result>
  transport: Transport
  fail: Fail
}

type PathValues = Record<string, string | number>
type AnyArguments = { path?: PathValues; query?: Record<string, unknown>; body?: unknown }

export type CallerOptions = TransportOptions & {
  /** Address of the service, without a slash at the end. */
  baseUrl: string
  /**
   * The token or API key to send, if there is one; called before each attempt. After a 401 it is called once more, with the one that
   * was refused, and the request is sent again with what it returns if that is another one.
   */
  token?: TokenSource | undefined
  /** Called with what a call rejects with; the call rejects with the result. */
  explain?(error: unknown): unknown
}

/** Calls operations by their routes. */
export function createCaller(options: CallerOptions): Caller {
  const { baseUrl, token, explain = (error) => error } = options
  const transport = createTransport(options)
  const { fail } = transport

  const read: Caller['read'] = async ({ method, path, takesKey, once }, args, reader, options = {}) => {
    const { idempotencyKey = takesKey && crypto.randomUUID(), headers, ...others } = options
    const body = args.body === undefined ? undefined : JSON.stringify(args.body)
    const request = {
      ...others,
      method,
      url: baseUrl + fillPath(path, args.path, fail) + toQuery(args.query),
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(takesKey && { 'idempotency-key': idempotencyKey as string }),
        ...headers,
      },
      body,
      token,
      repeatable: takesKey || (method !== 'POST' && !once),
    }
    return transport.send(request, reader).catch(async (error) => {
      throw await explain(error)
    })
  }

  return {
    baseUrl,
    transport,
    fail,
    read,
    open: (route, args, options) => read(route, args, async (response) => response, options),
    call: (route, args, options) =>
      read(
        route,
        args as AnyArguments,
        async (response) => {
          const action = `${route.method} ${route.path}`
          const text = await response.text().catch((cause) => {
            options?.signal?.throwIfAborted()
            throw connectionFailed(action, baseUrl, cause, fail)
          })
          try {
            return text ? JSON.parse(text) : undefined
          } catch {
            throw unexpectedReply(response, action, fail)
          }
        },
        options,
      ),
  }
}

function fillPath(template: string, values: PathValues = {}, fail: Fail): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined || value === '') {
      throw fail('client.input_invalid', `The call to ${template} needs \`${name}\`.`)
    }
    return encodeURIComponent(value)
  })
}

function toQuery(values: Record<string, unknown> = {}): string {
  const query = new URLSearchParams(Object.entries(values).flatMap(([name, value]) => pairsOf(name, value)))
  return query.size > 0 ? `?${query}` : ''
}

/** An object as `metadata[order]=17`, which OpenAPI calls the style deepObject. */
function pairsOf(name: string, value: unknown): [string, string][] {
  if (value === undefined) return []
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[name, String(value)]]
  return Object.entries(value).flatMap(([key, one]) => pairsOf(`${name}[${key}]`, one))
}
