import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import type { Problem } from '../contract/problem.ts'
import { asCutroomError, CutroomError, type ErrorCode } from '../errors.ts'
import { logOf } from './request-context.ts'

/** What Express and its body parsers throw: https://github.com/jshttp/http-errors */
type HttpError = Error & { status: number }

const isHttpError = (error: unknown): error is HttpError =>
  error instanceof Error && 'status' in error && typeof error.status === 'number'

const CODE_OF_STATUS: Record<number, ErrorCode> = {
  400: 'request.malformed',
  404: 'route.not_found',
  413: 'request.too_large',
  415: 'request.unsupported_type',
  416: 'request.range_not_satisfiable',
}

/** Maps Express's own errors to codes. Their messages are about parsing only, so clients may see them. */
function fromHttpError(error: unknown): CutroomError {
  const code =
    !(error instanceof CutroomError) && isHttpError(error) ? CODE_OF_STATUS[error.status] : undefined
  if (!code) return asCutroomError(error)
  return new CutroomError(code, `The request could not be parsed: ${(error as Error).message}`, {
    cause: error,
  })
}

/** An error as an RFC 9457 problem document. */
export function toProblem(error: CutroomError, requestId?: string): Problem {
  return {
    type: 'about:blank',
    title: error.title,
    status: error.status,
    code: error.code,
    detail: error.message,
    ...(requestId && { request_id: requestId }),
    ...(error.fields && { errors: error.fields }),
  }
}

/** Express's error handler: answers every error as a problem document. Only bugs are logged with their stack. */
export const errorHandler: ErrorRequestHandler = (thrown, req, res, next) => {
  const error = fromHttpError(thrown)
  const log = logOf(res)
  if (error.code === 'internal.bug') log.error('request failed unexpectedly', { error: error.cause ?? error })
  else if (error.status >= 500) log.warn('request failed', { code: error.code, error })
  else
    log.debug('request rejected', { code: error.code, ...(!quotesBody(error) && { detail: error.message }) })

  // A partial reply cannot be corrected. Express destroys the connection, so that the client notices.
  if (res.headersSent) return next(thrown)
  if (!req.complete) drainBody(req)
  sendProblem(res, error)
}

/** Whether a message may quote the body, which may contain credentials: its sender sees it, the log does not. */
const quotesBody = ({ code }: CutroomError) => code === 'request.malformed' || code === 'request.invalid'

/** Keeps reading a rejected body for a while: a client whose connection breaks while it sends may never see the reply. */
function drainBody(req: Request, timeoutMs = 5_000) {
  const timer = setTimeout(() => req.socket.destroy(), timeoutMs).unref()
  req.once('close', () => clearTimeout(timer))
  req.resume()
}

function sendProblem(res: Response, error: CutroomError): void {
  const problem = toProblem(error, res.get('X-Request-Id'))
  res.status(error.status).set(error.headers).type('application/problem+json').send(JSON.stringify(problem))
}

/** The error for a request that no route matches. */
export const routeNotFound = (req: Pick<Request, 'method' | 'path'>): CutroomError =>
  new CutroomError(
    'route.not_found',
    `There is no ${req.method} ${req.path}; see the API reference at /docs for the available operations.`,
  )

/** Rejects requests that no route matches. */
export const notFoundHandler: RequestHandler = (req) => {
  throw routeNotFound(req)
}
