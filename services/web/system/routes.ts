import { operations } from '#shared/contract/operations.ts'
import { listPresets } from '#shared/contract/presets.ts'
import { readMetrics } from '#shared/observability/metrics.ts'
import { version } from '#shared/version.ts'
import type { WebDeps } from '../deps.ts'
import type { Mount } from '../http/operation-router.ts'

export function mountSystem(mount: Mount, { config, database, storage }: WebDeps): void {
  /** Made when first asked for: few ask, and a start should not wait for it. */
  let document: Promise<object> | undefined
  const describe = async () => {
    const { buildOpenApi } = await import('#shared/contract/openapi.ts')
    return buildOpenApi(config.publicUrl, version)
  }

  mount(operations.presets, () => ({ status: 200, body: listPresets() }))
  mount(operations.openapi, async () => {
    document ??= describe()
    return { status: 200, body: await document }
  })
  mount(operations.live, () => ({ status: 200, body: { status: 'ok' } }))
  mount(operations.ready, async () => {
    await Promise.all([database.query('SELECT 1'), storage.check()])
    return { status: 200, body: { status: 'ok' } }
  })
  mount(operations.metrics, async ({ res }) => {
    const { text, contentType } = await readMetrics()
    res.type(contentType).send(text)
    return undefined
  })
}
