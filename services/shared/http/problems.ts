import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import type { Problem } from '../contract/problem.ts'
import { asCutroomError, CutroomError, type ErrorCode } from '../errors.ts'
import { logOf } from './request-context.ts'

/** What Express and its body parsers throw: http-errors with a status and a type. */
type HttpError = Error & { status: number; type?: string }

const isHttpError = (error: unknown): error is HttpError =>
  error instanceof Error && 'status' in error && typeof error.status === 'number'

const codeOfStatus: Record<number, ErrorCode> = {
  400: 'request.malformed',
  404: 'route.not_found',
  413: 'request.too_large',
  415: 'request.unsupported_type',
  416: 'request.range_not_satisfiable',
}

/** Express's own errors in the catalogue's terms. Their messages speak of parsing only, so they may be shown. */
function translate(error: unknown): CutroomError {
  const code = !(error instanceof CutroomError) && isHttpError(error) ? codeOfStatus[error.status] : undefined
  if (!code) return asCutroomError(error)
  return new CutroomError(code, `The request could not be read: ${(error as Error).message}`, {
    cause: error,
  })
}

/** The problem+json document of an error. */
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

/** The last handler: every error becomes a problem; only bugs are logged with their stack. */
export const errorHandler: ErrorRequestHandler = (thrown, req, res, next) => {
  const error = translate(thrown)
  const log = logOf(res)
  if (error.code === 'internal.bug') log.error('request failed unexpectedly', { error: error.cause ?? error })
  else if (error.status >= 500) log.warn('request failed', { code: error.code, error })
  else log.debug('request refused', { code: error.code, detail: error.message })

  // Half a reply cannot be mended: Express then cuts the connection, so that nobody takes it for whole.
  if (res.headersSent) return next(thrown)
  if (!req.complete) readOn(req)
  sendProblem(res, error)
}

/**
 * Goes on reading a refused body for a while: a client that is cut off in the middle of sending may never see
 * why. Then it is cut off.
 */
function readOn(req: Request, limitMs = 5_000) {
  const cut = setTimeout(() => req.socket.destroy(), limitMs).unref()
  req.once('close', () => clearTimeout(cut))
  req.resume()
}

/** Ends a reply with a problem. */
export function sendProblem(res: Response, error: CutroomError): void {
  const problem = toProblem(error, res.get('X-Request-Id'))
  res.status(error.status).set(error.headers).type('application/problem+json').send(JSON.stringify(problem))
}

/** For addresses nobody serves. */
export const notFoundHandler: RequestHandler = (req) => {
  throw new CutroomError('route.not_found', `${req.method} ${req.path} is not part of this service.`)
}
