import type { Config } from '#shared/config.ts'
import { operations } from '#shared/contract/operations.ts'
import { listPresets } from '#shared/contract/presets.ts'
import type { Database } from '#shared/database/database.ts'
import { requireMetricsToken } from '#shared/http/metrics-access.ts'
import { routeNotFound } from '#shared/http/problems.ts'
import { readMetrics } from '#shared/observability/metrics.ts'
import type { Storage } from '#shared/storage/port.ts'
import { version } from '#shared/version.ts'
import type { Route } from '../http/operation-router.ts'
import { securityTxt } from './security-txt.ts'

export type SystemDeps = {
  config: Pick<Config, 'publicUrl' | 'metricsPort' | 'metricsToken' | 'securityContact'>
  database: Database
  storage: Storage
}

/** Presets, the OpenAPI document, health checks and metrics. */
export function mountSystem(route: Route, { config, database, storage }: SystemDeps): void {
  /** Built on the first request, so that it does not delay the start. */
  let document: Promise<object> | undefined
  const buildDocument = async () => {
    const { buildOpenApi } = await import('#shared/contract/openapi.ts')
    return buildOpenApi(config.publicUrl, version)
  }

  route(operations.presets, () => ({ status: 200, body: listPresets() }))
  route(operations.openapi, async () => {
    document ??= buildDocument()
    return { status: 200, body: await document }
  })
  route(operations.live, () => ({ status: 200, body: { status: 'ok' } }))
  route(operations.ready, async () => {
    await Promise.all([database.query('SELECT 1'), storage.check()])
    return { status: 200, body: { status: 'ok' } }
  })
  route(operations.securityTxt, ({ req, res }) => {
    const { securityContact, publicUrl } = config
    if (!securityContact) throw routeNotFound(req)
    res.type('text/plain').send(securityTxt(securityContact, publicUrl, new Date()))
    return undefined
  })
  route(operations.metrics, async ({ req, res }) => {
    requireMetricsToken(req, config.metricsPort === undefined ? config.metricsToken : undefined)
    const { text, contentType } = await readMetrics()
    res.type(contentType).send(text)
    return undefined
  })
}
