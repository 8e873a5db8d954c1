import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { freePort } from './ports.ts'
import { startPostgres } from './postgres.ts'

const dataDir = join(import.meta.dirname, '../../.cutroom-test', `earlier-${process.pid}`)
afterAll(() => rm(dataDir, { recursive: true, force: true }))

/** Runs `sql` in the embedded database of the data directory, which is started and stopped for it. */
async function execute(sql: string) {
  const postgres = await startPostgres({
    dataDir: join(dataDir, 'postgres'),
    durable: false,
    log: () => undefined,
  })
  const client = new pg.Client({ connectionString: postgres.url })
  await client.connect()
  const { rows } = await client.query(sql)
  await client.end()
  await postgres.stop()
  return rows
}

/** Runs the stack until it ends, and returns its exit code and error output. */
async function start(): Promise<{ code: unknown; stderr: string }> {
  const [port, batchPort] = [await freePort(), await freePort()]
  const env = {
    PATH: process.env.PATH,
    DATA_DIR: dataDir,
    PORT: String(port),
    BATCH_PORT: String(batchPort),
    FFMPEG_PATH: '/bin/true',
    FFPROBE_PATH: '/bin/true',
  }
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(import.meta.dirname, 'main.ts')],
      { env, timeout: 40_000 },
      (error, _stdout, stderr) => resolve({ code: error ? error.code : 0, stderr }),
    )
  })
}

test('npm start on the data of an earlier version says in one line what to do, and keeps the data', async () => {
  await execute(`
    CREATE TABLE _prisma_migrations (id text, checksum text, finished_at timestamptz, migration_name text,
      rolled_back_at timestamptz, started_at timestamptz DEFAULT now());
    INSERT INTO _prisma_migrations VALUES ('1', 'aa', now(), '20261120000000_init');
    CREATE TABLE users (name text);
    INSERT INTO users VALUES ('ada')`)
  expect(await start()).toEqual({
    code: 1,
    stderr:
      'This database belongs to an earlier version of Cutroom (migration 20261120000000_init) that cannot be ' +
      'upgraded. Nothing was changed; to start over with this version, move its data directory away ' +
      `(mv "${dataDir}" "${dataDir}.old") and run npm start again.\n`,
  })
  expect(await execute('SELECT name FROM users')).toEqual([{ name: 'ada' }])
}, 60_000)
