import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Postgres, startPostgres } from '#local/postgres.ts'

const TEST_DIR = join(import.meta.dirname, '..', '.cutroom-test')

/**
 * The Postgres server of a test run: TEST_DATABASE_URL if set, whose user must be allowed to create databases, otherwise
 * an embedded server in .cutroom-test without fsync. `stop` stops only a server that was started here.
 */
export async function startTestPostgres(): Promise<Pick<Postgres, 'url' | 'stop'>> {
  const given = process.env.TEST_DATABASE_URL
  if (given) return { url: given, stop: async () => undefined }
  const dataDir = join(TEST_DIR, `postgres-${process.pid}`)
  const postgres = await startPostgres({ dataDir, durable: false, log: () => undefined })
  return {
    url: postgres.url,
    async stop() {
      await postgres.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
