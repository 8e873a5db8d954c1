import express, {
  type Express,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
} from 'express'
import type { z } from 'zod'
import type { Operation } from '#shared/contract/operations.ts'
import { CutroomError, type FieldError } from '#shared/errors.ts'
import { accountGone, type Principal } from '../auth/require-user.ts'

type Parsed<O, Part extends string> =
  O extends Record<Part, infer Schema extends z.ZodType> ? z.infer<Schema> : undefined

/** A request that has passed its operation's checks. */
export type Call<O extends Operation> = {
  params: Parsed<O, 'params'>
  query: Parsed<O, 'query'>
  headers: Parsed<O, 'headers'>
  /** Undefined for a multipart form, which the handler reads by itself. */
  body: O extends { form: z.ZodType } ? Parsed<O, 'body'> | undefined : Parsed<O, 'body'>
  user: O['access'] extends 'user' ? Principal : undefined
  req: Request
  res: Response
}

/** What to answer. */
export type Reply = { status: number; body?: unknown; headers?: Record<string, string> }

/** Mounts one operation. A handler that answers by itself, with a stream for instance, returns undefined. */
export type Mount = <O extends Operation>(
  operation: O,
  handler: (call: Call<O>) => Promise<Reply | undefined> | Reply,
) => void

const mostJsonBytes = 256 * 1024
const readJson = express.json({ limit: mostJsonBytes, type: () => true })

/** Mounts operations of the contract on an app: path, method, token, checks and reply all follow the table. */
export function operationRouter(app: Express, requireUser: (req: Request) => Promise<Principal>): Mount {
  return (operation, handler) => {
    const steps: RequestHandler[] = []
    if (operation.access === 'user') {
      steps.push(async (req, res, next) => {
        res.locals.user = await requireUser(req)
        next()
      })
    }
    if (operation.body) steps.push(jsonBody(operation))
    app[operation.method](expressPath(operation.path), ...steps, async (req, res) => {
      const call = { ...check(operation, req), user: res.locals.user, req, res }
      const reply = await answer(() => handler(call as never))
      if (reply) send(res, reply)
    })
  }
}

/** A token is believed for a while: an account that ended meanwhile shows when something should belong to it. */
async function answer(handle: () => Promise<Reply | undefined> | Reply) {
  try {
    return await handle()
  } catch (error) {
    throw isOwnerless(error) ? accountGone() : error
  }
}

/** Postgres's foreign_key_violation, of a row whose user is not there. */
const isOwnerless = (error: unknown) =>
  error instanceof Error &&
  'code' in error &&
  error.code === '23503' &&
  'constraint' in error &&
  String(error.constraint).endsWith('_user_id_fkey')

/** {id} as :id, {+key} as *key. */
export const expressPath = (path: string): string =>
  path.replace(/\{\+(\w+)\}/g, '*$1').replace(/\{(\w+)\}/g, ':$1')

function jsonBody(operation: Operation): RequestHandler {
  return (req, res, next) => {
    if (operation.form && req.is('multipart/form-data')) return next()
    // No body at all is a body without fields; another type than JSON is named as what it is.
    const isEmpty = req.is('*/*') === null || req.get('Content-Length') === '0'
    if (!isEmpty && !req.is('application/json')) throw unsupportedType(req, operation)
    if (Number(req.get('Content-Length')) > mostJsonBytes) throw tooLarge(operation)
    readJson(req, res, unlessTooLarge(req, tooLarge(operation), next))
  }
}

/** Express reads a body to its end before it says that there is too much of it; an endless one has no end. */
function unlessTooLarge(req: Request, tooMuch: CutroomError, next: NextFunction): NextFunction {
  let bytes = 0
  let over = false
  req.on('data', ({ length }: Buffer) => {
    bytes += length
    if (over || bytes <= mostJsonBytes) return
    over = true
    next(tooMuch)
  })
  return (error?: unknown) => {
    if (!over) next(error)
  }
}

function check(operation: Operation, req: Request) {
  const isForm = operation.form && req.is('multipart/form-data')
  const faults: FieldError[] = []
  const parse = (schema: z.ZodType | undefined, value: unknown) => {
    const result = schema?.safeParse(value)
    if (result?.error) faults.push(...fieldErrorsOf(result.error))
    return result?.data
  }
  const call = {
    params: parse(operation.params, plainParams(req)),
    query: parse(operation.query, { ...req.query }),
    headers: parse(operation.headers, req.headers),
    body: isForm ? undefined : parse(operation.body, req.body ?? {}),
  }
  faults.push(...unkeepable(call.body, []))
  if (faults.length > 0) throw invalid(operation, faults)
  return call
}

/** Express gives what *key matched as a list of segments. */
const plainParams = (req: Request) =>
  Object.fromEntries(
    Object.entries(req.params as Record<string, string | string[]>).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join('/') : value,
    ]),
  )

/** Every wrong field of a Zod error, with its path in dots. */
export const fieldErrorsOf = (error: z.ZodError): FieldError[] =>
  error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'is not known here' }))
      : [{ path: issue.path.join('.'), message: issue.message }],
  )

/** Texts that Postgres cannot keep, wherever they stand in a parsed body. */
function unkeepable(value: unknown, path: string[]): FieldError[] {
  if (typeof value === 'string') {
    const fault = value.includes('\0') || !value.isWellFormed()
    return fault ? [{ path: path.join('.'), message: 'holds a NUL or half a character' }] : []
  }
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([name, inner]) => unkeepable(inner, [...path, name]))
}

function invalid(operation: Operation, faults: FieldError[]): CutroomError {
  // A malformed id is the id of no task: one answer for what does not exist, whatever the reason.
  const badId = operation.params && 'id' in operation.params.shape && faults.some(({ path }) => path === 'id')
  if (badId) return new CutroomError('task.not_found', 'There is no such task.')
  const named = faults.map(({ path, message }) => `${path || 'body'}: ${message}`).join('; ')
  return new CutroomError('request.invalid', `${operation.id} was refused: ${named}`, { fields: faults })
}

const tooLarge = ({ id }: Operation) =>
  new CutroomError('request.too_large', `${id} reads ${mostJsonBytes} bytes of JSON; this is more.`)

function unsupportedType(req: Request, operation: Operation): CutroomError {
  const wanted = operation.form ? 'application/json or multipart/form-data' : 'application/json'
  return new CutroomError(
    'request.unsupported_type',
    `${operation.id} reads ${wanted}, not ${req.get('Content-Type') ?? 'a body without a type'}.`,
  )
}

function send(res: Response, { status, body, headers = {} }: Reply) {
  res.status(status).set(headers)
  if (body === undefined) res.end()
  else res.json(body)
}
