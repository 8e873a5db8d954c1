import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from '@jest/globals'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cutroom-dev-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const program = (word: string) => `console.log('${word}'); setInterval(() => {}, 1000)`

test('a change restarts the program, tests do not, and a signal stops both', async () => {
  const entry = join(dir, 'main.js')
  await writeFile(entry, program('first'))
  const dev = spawn(process.execPath, [join(import.meta.dirname, 'dev.ts'), entry, '--watch', dir])
  const lines = createInterface(dev.stdout)[Symbol.asyncIterator]()
  const next = async () => (await lines.next()).value
  expect(await next()).toBe('first')
  await writeFile(join(dir, 'a.test.ts'), '')
  await writeFile(entry, program('second'))
  expect(await next()).toBe('main.js changed. Restarting …')
  expect(await next()).toBe('second')
  dev.kill('SIGTERM')
  await expect(once(dev, 'exit')).resolves.toEqual([0, null])
}, 20_000)
