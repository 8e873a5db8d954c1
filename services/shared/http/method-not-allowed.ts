import type { RequestHandler } from 'express'
import { CutroomError } from '../errors.ts'

/** A route: a method in lower case, and a path template as in OpenAPI: `{name}`, or `{+name}` where it may contain slashes. */
export type KnownRoute = { method: string; path: string }

/**
 * Middleware after all routes: answers a known path with another method with 405 and an `Allow` header, and OPTIONS with the
 * same header.
 * @throws CutroomError `route.method_not_allowed`
 */
export function methodNotAllowed(routes: readonly KnownRoute[]): RequestHandler {
  const methodsOf = new Map<string, Set<string>>()
  for (const { method, path } of routes) {
    const methods = methodsOf.get(path) ?? new Set(['OPTIONS'])
    methodsOf.set(path, methods.add(method.toUpperCase()))
    // Express answers HEAD wherever it answers GET.
    if (method === 'get') methods.add('HEAD')
  }
  const known = [...methodsOf].map(([path, methods]) => ({
    pattern: toPattern(path),
    allow: [...methods].sort().join(', '),
  }))
  return (req, res, next) => {
    const match = known.find(({ pattern }) => pattern.test(req.path))
    if (!match) return next()
    if (req.method === 'OPTIONS') return void res.set('Allow', match.allow).status(204).end()
    throw new CutroomError(
      'route.method_not_allowed',
      `${req.method} is not supported for ${req.path}; use ${match.allow}.`,
      { headers: { Allow: match.allow } },
    )
  }
}

/** Matches the paths that Express would: in any case, with or without a trailing slash. */
function toPattern(path: string): RegExp {
  const source = path
    .replaceAll(/[.*()|[\]\\^$?]/g, '\\$&')
    .replaceAll(/\{\+\w+\}/g, '.+')
    .replaceAll(/\{\w+\}/g, '[^/]+')
  return new RegExp(`^${source}/?$`, 'i')
}
