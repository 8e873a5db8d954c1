import { randomUUID } from 'node:crypto'
import type { RequestHandler, Response } from 'express'
import type { Logger } from '../observability/logger.ts'
import { currentTraceparent } from '../observability/tracing.ts'

const REQUEST_ID = /^[\w.-]{1,100}$/
// https://www.w3.org/TR/trace-context/: 00-<trace>-<span>-<flags>
const TRACEPARENT = /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/

/**
 * Gives every request an id (the caller's `X-Request-Id` if it is valid) and a logger that adds the id and the trace,
 * by which Cloud Logging groups lines. `project` is the Google Cloud project of the trace.
 */
export function requestContext(log: Logger, project?: string): RequestHandler {
  return (req, res, next) => {
    const given = req.get('X-Request-Id') ?? ''
    const requestId = REQUEST_ID.test(given) ? given : randomUUID()
    const trace = TRACEPARENT.exec(currentTraceparent() ?? req.get('traceparent') ?? '')?.[1]
    const startedAt = performance.now()
    const requestLog = log.child({
      requestId,
      ...(trace && project && { 'logging.googleapis.com/trace': `projects/${project}/traces/${trace}` }),
    })
    res.locals.log = requestLog
    res.set('X-Request-Id', requestId)
    res.on('finish', () => {
      const ms = Math.round(performance.now() - startedAt)
      // Only the path, since a query may contain a signature.
      requestLog.debug('request completed', {
        method: req.method,
        path: req.path,
        status: res.statusCode,
        ms,
      })
    })
    next()
  }
}

/** The logger of the request that `res` replies to. */
export const logOf = (res: Response): Logger => res.locals.log as Logger
