import type { Express, Request, RequestHandler, Response } from 'express'
import type { z } from 'zod'
import type { Scope } from '#shared/contract/accounts/scopes.ts'
import type { Operation, OperationId } from '#shared/contract/operations.ts'
import { checkRequest } from './check-request.ts'
import { jsonBody } from './json-body.ts'
import { prefersStream } from './prefers-stream.ts'
import type { Principal } from './principal.ts'
import { requireScope } from './require-scope.ts'

type Parsed<O, Part extends string> =
  O extends Record<Part, infer Schema extends z.ZodType> ? z.infer<Schema> : undefined

/** A request that passed the checks of its operation. */
export type Call<O extends Operation> = {
  params: Parsed<O, 'params'>
  query: Parsed<O, 'query'>
  headers: Parsed<O, 'headers'>
  /** Undefined for a multipart form, which the handler reads itself. */
  body: O extends { form: z.ZodType } ? Parsed<O, 'body'> | undefined : Parsed<O, 'body'>
  user: O['access'] extends 'user' ? Principal : undefined
  req: Request
  res: Response
}

/** The reply of a handler; `body` is sent as JSON. */
export type Reply = { status: number; body?: unknown; headers?: Record<string, string> }

/** Registers the handler of an operation. A handler that writes the reply itself, such as a stream, returns undefined. */
export type Route = <O extends Operation>(
  operation: O,
  handler: (call: Call<O>) => Promise<Reply | undefined> | Reply | undefined,
) => void

export type RouterOptions = {
  /** Identifies the caller of an operation with access `user`. */
  requireUser(req: Request): Promise<Principal>
  /** Resolves when the turn of a user's request has come. */
  enterInFlight(userId: string, res: Response): Promise<void>
  /** Middleware with the limits of an operation, which runs before the body is read; undefined when there are none. */
  limitRequests(operationId: OperationId): RequestHandler | undefined
  /** Converts an error that a handler threw before it is passed on. */
  translateError(error: unknown): unknown
}

/**
 * Registers operations of the contract on an Express app. Method, path, authentication and request checks all follow
 * from the operation.
 */
export function operationRouter(
  app: Express,
  { requireUser, enterInFlight, limitRequests, translateError }: RouterOptions,
): Route {
  const authenticate =
    (scope: Scope): RequestHandler =>
    async (req, res, next) => {
      const user = await requireUser(req)
      requireScope(user, scope)
      res.locals.user = user
      next()
    }
  const waitForTurn: RequestHandler = async (_req, res, next) => {
    await enterInFlight(res.locals.user.id, res)
    next()
  }
  return (operation, handler) => {
    const limit = limitRequests(operation.id as OperationId)
    const steps = [
      ...(operation.method === 'delete' ? [exactPath] : []),
      ...(isPersonal(operation) ? [noStore] : []),
      ...(operation.access === 'user' ? [authenticate(operation.scope)] : []),
      ...(operation.access === 'user' ? [unlessStream(operation, waitForTurn)] : []),
      ...(limit ? [limit] : []),
      ...(operation.body ? [jsonBody(operation)] : []),
    ]
    app[operation.method](expressPath(operation.path), ...steps, async (req, res) => {
      const call = { ...checkRequest(operation, req), user: res.locals.user, req, res }
      try {
        // The schemas that checkRequest applied are those from which Call<O> is inferred.
        const reply = await handler(call as never)
        if (reply) send(res, reply)
      } catch (error) {
        throw translateError(error)
      }
    })
  }
}

/** Event streams and replies that are held back are long, and have limits of their own. */
function unlessStream({ replies, holdsReply }: Operation, step: RequestHandler): RequestHandler {
  const reply = replies[200]
  if (reply?.body === 'text/event-stream') return (_req, _res, next) => next()
  if (holdsReply) return (req, res, next) => (holdsReply in req.query ? next() : step(req, res, next))
  if (!reply?.stream) return step
  return (req, res, next) => (prefersStream(req) ? next() : step(req, res, next))
}

/** Express ignores a slash at the end; with it, the path of one resource whose id is empty would be that of all of them. */
const exactPath: RequestHandler = (req, _res, next) => next(req.path.endsWith('/') ? 'route' : undefined)

/** Whether replies belong to one user or carry secrets, so that no cache may keep them. */
const isPersonal = ({ access, method }: Operation) => access !== 'public' || method !== 'get'

const noStore: RequestHandler = (_req, res, next) => {
  res.set('Cache-Control', 'no-store')
  next()
}

/** An OpenAPI path in Express syntax: `{id}` becomes `:id`, `{+key}` becomes `*key`. */
export const expressPath = (path: string): string =>
  path.replace(/\{\+(\w+)\}/g, '*$1').replace(/\{(\w+)\}/g, ':$1')

function send(res: Response, { status, body, headers = {} }: Reply) {
  res.status(status).set(headers)
  if (body === undefined) res.end()
  else res.json(body)
}
