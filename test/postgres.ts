import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Postgres, startPostgres } from '#local/postgres.ts'

const home = join(import.meta.dirname, '..', '.cutroom-test')

/**
 * The one Postgres of a test run: TEST_DATABASE_URL when given, whose user may create databases, or an embedded
 * one in .cutroom-test, without any care for power cuts. `stop` stops only what was started here.
 */
export async function startTestPostgres(): Promise<Pick<Postgres, 'url' | 'stop'>> {
  const given = process.env.TEST_DATABASE_URL
  if (given) return { url: given, stop: async () => undefined }
  const dataDir = join(home, `postgres-${process.pid}`)
  const postgres = await startPostgres({ dataDir, durable: false, log: () => undefined })
  return {
    url: postgres.url,
    async stop() {
      await postgres.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
