import type { Request } from 'express'
import { bearerToken, isSameSecret } from './bearer-token.ts'
import { routeNotFound } from './problems.ts'

/**
 * Lets callers with METRICS_TOKEN as their bearer token read the metrics, and nobody where it is not set. To all others the
 * page does not exist: it names routes, versions and load.
 * @throws CutroomError `route.not_found`
 */
export function requireMetricsToken(req: Request, metricsToken: string | undefined): void {
  const given = bearerToken(req.get('Authorization'))
  if (metricsToken && given && isSameSecret(given, metricsToken)) return
  throw routeNotFound(req)
}
