import type { RequestHandler } from 'express'
import { isTracing, traced } from '../observability/tracing.ts'

/** Traces every request but those of health checks, as a continuation of the caller's trace. Passes on when tracing is off. */
export const traceRequests: RequestHandler = (req, res, next) => {
  if (!isTracing() || req.path.startsWith('/health/')) {
    next()
    return
  }
  const attributes = { 'http.request.method': req.method, 'url.path': req.path }
  void traced(req.method, { kind: 'server', parent: req.get('traceparent'), attributes }, async (span) => {
    const closed = new Promise<void>((resolve) => res.once('close', resolve))
    next()
    await closed
    const route = req.route?.path
    if (typeof route === 'string') span.rename(`${req.method} ${route}`)
    span.set({
      'http.response.status_code': res.statusCode,
      ...(typeof route === 'string' && { 'http.route': route }),
    })
    if (res.statusCode >= 500) span.fail(String(res.statusCode))
  })
}
