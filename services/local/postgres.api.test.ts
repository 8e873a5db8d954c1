import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { type Postgres, startPostgres } from './postgres.ts'

const dataDir = join(import.meta.dirname, '../../.cutroom-test', `start-${process.pid}`)
let running: Postgres[] = []

async function start(): Promise<Postgres> {
  const postgres = await startPostgres({ dataDir, durable: false, log: () => undefined })
  running.push(postgres)
  return postgres
}
async function query(url: string, sql: string) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

afterEach(async () => {
  for (const postgres of running) await postgres.stop()
  running = []
})
afterAll(() => rm(dataDir, { recursive: true, force: true }))

describe('the embedded Postgres', () => {
  test('keeps its data from one start to the next', async () => {
    const first = await start()
    await query(first.url, 'CREATE TABLE IF NOT EXISTS kept (id int); INSERT INTO kept VALUES (1)')
    await first.stop()
    const second = await start()
    expect(await query(second.url, 'SELECT id FROM kept')).toEqual([{ id: 1 }])
  })

  test('rejects a wrong password', async () => {
    const { url } = await start()
    await expect(query(url.replace(/:[^:@]+@/, ':wrong@'), 'SELECT 1')).rejects.toMatchObject({
      code: '28P01',
    })
  })

  test('starts on the data of a server that was killed', async () => {
    const first = await start()
    process.kill(await postmasterPid(), 'SIGKILL')
    await first.stopped
    const second = await start()
    expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test('stops a server that an earlier run left behind on the same data', async () => {
    const orphan = await start()
    const second = await start()
    await orphan.stopped
    expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })
})

async function postmasterPid(): Promise<number> {
  return Number.parseInt(await readFile(join(dataDir, 'cluster/postmaster.pid'), 'utf8'), 10)
}
