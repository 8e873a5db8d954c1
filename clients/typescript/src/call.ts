import type { Arguments, OperationId, Reply } from './api.ts'
import { CutroomError } from './errors.ts'
import { ROUTES } from './generated/routes.ts'
import { unexpectedReply } from './http/problem.ts'
import { type OutgoingRequest, type Transport, textOf } from './http/transport.ts'
import { withVersionHint } from './version.ts'

export type CallOptions = {
  signal?: AbortSignal | undefined
  /**
   * Makes creating safe to repeat, also from another process: the same key within 24 hours returns the first reply. Without it,
   * each call gets a key of its own, which protects its retries.
   */
  idempotencyKey?: string | undefined
  /** Request headers in addition. */
  headers?: Record<string, string>
}

export type Call = <Id extends OperationId>(
  id: Id,
  args: Arguments<Id>,
  options?: CallOptions,
) => Promise<Reply<Id>>

export type Caller = {
  /** Calls an operation by its name in the OpenAPI document; resolves to the JSON body of the reply. */
  call: Call
  /** The same, for replies that are files or streams. */
  open(id: OperationId, args: AnyArguments, options?: CallOptions): Promise<Response>
  /** The same; resolves to what `read` makes of the reply. It is called again when the connection breaks meanwhile. */
  read<Result>(
    id: OperationId,
    args: AnyArguments,
    read: (response: Response) => Promise<Result>,
    options?: CallOptions,
  ): Promise<Result>
}

type PathValues = Record<string, string | number>
type AnyArguments = { path?: PathValues; query?: Record<string, unknown>; body?: unknown }

export type CallerOptions = {
  /** Without a slash at the end. */
  baseUrl: string
  transport: Transport
  /** The token or API key to send, if there is one. */
  token(): Promise<string | undefined>
}

export function createCaller({ baseUrl, transport, token }: CallerOptions): Caller {
  async function toRequest(
    id: OperationId,
    args: AnyArguments,
    options: CallOptions,
  ): Promise<OutgoingRequest> {
    const { method, path, takesKey } = ROUTES[id]
    const bearer = requirePrintable(await token())
    const key = takesKey ? (options.idempotencyKey ?? crypto.randomUUID()) : undefined
    return {
      method,
      url: `${baseUrl}${fillPath(path, args.path)}${toQuery(args.query)}`,
      headers: {
        ...(bearer && { authorization: `Bearer ${bearer}` }),
        ...(args.body !== undefined && { 'content-type': 'application/json' }),
        ...(key && { 'idempotency-key': key }),
        ...options.headers,
      },
      body: args.body === undefined ? undefined : JSON.stringify(args.body),
      signal: options.signal,
      repeatable: method !== 'POST' || takesKey,
    }
  }

  async function read<Result>(
    id: OperationId,
    args: AnyArguments,
    read: (response: Response) => Promise<Result>,
    options: CallOptions = {},
  ): Promise<Result> {
    const request = await toRequest(id, args, options)
    return transport.send(request, read).catch(async (error) => {
      throw await withVersionHint(error, baseUrl, transport)
    })
  }

  return {
    read,
    open: (id, args, options) => read(id, args, async (response) => response, options),
    call: (id, args, options) =>
      read(
        id,
        args as AnyArguments,
        async (response) => {
          const text = await textOf(response, options?.signal)
          try {
            return text === '' ? undefined : JSON.parse(text)
          } catch {
            throw unexpectedReply(response, `${ROUTES[id].method} ${ROUTES[id].path}`)
          }
        },
        options,
      ),
  }
}

/** `fetch` would name the whole header in its error, and the key with it. */
function requirePrintable(token: string | undefined): string | undefined {
  if (token === undefined || /^[\x21-\x7e]*$/.test(token)) return token
  throw new CutroomError(
    'auth.required',
    'The API key has a space, a line break or another invalid character.',
    {
      status: 401,
    },
  )
}

function fillPath(template: string, values: PathValues = {}): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined || value === '') {
      throw new CutroomError('client.input_invalid', `The call to ${template} needs \`${name}\`.`)
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
