import type { RequestHandler } from 'express'

/** Request headers that clients of the API send. */
const REQUEST_HEADERS =
  'Authorization, Content-Type, Content-Range, Idempotency-Key, If-None-Match, Last-Event-ID, Prefer, Range, X-Request-Id, traceparent'
/** Reply headers that scripts may read besides the few that are always readable. */
const REPLY_HEADERS =
  'Accept-Ranges, Allow, Content-Disposition, Content-Length, Content-Range, ETag, Location, Preference-Applied, Range, RateLimit, ' +
  'RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id'
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE'
const PREFLIGHT_SECONDS = 7200

/**
 * Middleware that lets pages of the listed origins call the API, and answers their preflight requests. Cookies are never
 * accepted, so credentials are not allowed either: a page sends its token itself. Without origins it does nothing.
 */
export function cors(origins: readonly string[]): RequestHandler {
  if (origins.length === 0) return (_req, _res, next) => next()
  return (req, res, next) => {
    res.vary('Origin')
    const origin = req.get('Origin')
    if (!origin || !origins.includes(origin)) return next()
    res.set({ 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': REPLY_HEADERS })
    if (req.method !== 'OPTIONS' || !req.get('Access-Control-Request-Method')) return next()
    res.set({
      'Access-Control-Allow-Methods': METHODS,
      'Access-Control-Allow-Headers': REQUEST_HEADERS,
      'Access-Control-Max-Age': String(PREFLIGHT_SECONDS),
    })
    res.status(204).end()
  }
}
