import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { scenarios } from '../scripts/chaos/scenarios.ts'

/** Three minutes on two cores that have nothing else to do; a busy machine may take longer. */
const LIMIT_MS = 12 * 60_000

let dir: string
let rows: { name: string; figure: string; met: boolean }[] = []

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cutroom-chaos-'))
  const results = join(dir, 'results.json')
  const child = spawn(process.execPath, ['scripts/chaos.ts', '--short', '--json', results], {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // Without what jest has set for itself.
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  await once(child, 'exit')
  rows = JSON.parse(await readFile(results, 'utf8')).rows
}, LIMIT_MS)

afterAll(() => rm(dir, { recursive: true, force: true }))

test.each(scenarios.map(({ name, promise }) => [promise, name]))(
  'in the short form of chaos: %s',
  (_, name) => {
    const row = rows.find((each) => each.name === name)
    expect(row).toMatchObject({ met: true })
  },
)
