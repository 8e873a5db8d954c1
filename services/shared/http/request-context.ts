import { randomUUID } from 'node:crypto'
import type { RequestHandler, Response } from 'express'
import type { Logger } from '../observability/logger.ts'

const requestIdShape = /^[\w.-]{1,100}$/
// https://cloud.google.com/trace/docs/trace-context: 00-<trace>-<span>-<flags>
const traceparent = /^00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/

/**
 * Gives every request an id, the caller's own where it has one, and a log that carries it, together with the
 * trace by which Cloud Logging groups lines. One line is logged when the reply is out.
 */
export function requestContext(log: Logger, project?: string): RequestHandler {
  return (req, res, next) => {
    const given = req.get('X-Request-Id') ?? ''
    const requestId = requestIdShape.test(given) ? given : randomUUID()
    const trace = traceparent.exec(req.get('traceparent') ?? '')?.[1]
    const startedAt = performance.now()
    const requestLog = log.child({
      requestId,
      ...(trace && project && { 'logging.googleapis.com/trace': `projects/${project}/traces/${trace}` }),
    })
    res.locals.log = requestLog
    res.set('X-Request-Id', requestId)
    res.on('finish', () => {
      const ms = Math.round(performance.now() - startedAt)
      // The path alone: a query can hold a signature.
      requestLog.debug('request answered', { method: req.method, path: req.path, status: res.statusCode, ms })
    })
    next()
  }
}

/** The log of the request that this reply belongs to. */
export const logOf = (res: Response): Logger => res.locals.log as Logger
