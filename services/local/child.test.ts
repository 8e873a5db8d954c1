import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { restartDelayMs, type Service, type ServiceOptions, superviseService } from './child.ts'

let dir: string
let service: Service | undefined

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'child-'))
})
afterEach(async () => {
  await service?.stop()
  await rm(dir, { recursive: true })
})

const log = () => join(dir, 'log')
/** Supervises a script that can write lines to the log file with print(). */
async function run(script: string, options: Partial<ServiceOptions> = {}): Promise<void> {
  const entry = join(dir, 'service.mjs')
  const print = `const print = (line) => appendFileSync(process.env.LOG, line + '\\n')`
  await writeFile(entry, `import { appendFileSync } from 'node:fs'\n${print}\n${script}`)
  const env = { ...process.env, NODE_OPTIONS: '', LOG: log() }
  service = superviseService({ name: 'service', entry, env, onDeath: () => undefined, ...options })
}
/** Waits until the script has written a line this many times, and returns all lines. */
async function printed(line: string, times = 1): Promise<string[]> {
  for (;;) {
    const lines = (await readFile(log(), 'utf8').catch(() => '')).split('\n')
    if (lines.filter((each) => each.startsWith(line)).length >= times) return lines
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('a supervised service', () => {
  test('is restarted when it ends, and every death is reported', async () => {
    const deaths: string[] = []
    await run("print('up'); process.exit(3)", { onDeath: ({ reason }) => deaths.push(reason) })
    await printed('up', 2)
    expect(deaths[0]).toBe('exit code 3')
    expect(service?.deaths()).toBeGreaterThanOrEqual(1)
  })

  test('stops at SIGTERM and stays stopped, however often stop is called', async () => {
    await run(
      "process.on('SIGTERM', () => { print('bye'); process.exit(0) }); setInterval(() => {}, 1000); print('up')",
    )
    await printed('up')
    await Promise.all([service?.stop(), service?.stop()])
    expect(await printed('bye')).toEqual(['up', 'bye', ''])
    expect(service?.deaths()).toBe(0)
  })

  test('that ignores SIGTERM is killed', async () => {
    await run("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); print('pid ' + process.pid)", {
      stopTimeoutMs: 50,
    })
    const [line] = await printed('pid')
    await service?.stop()
    expect(isAlive(Number(line?.split(' ')[1]))).toBe(false)
  })

  test('can be stopped while it waits for its restart', async () => {
    const died = new Promise<void>((resolve) => void run('process.exit(1)', { onDeath: () => resolve() }))
    await died
    await service?.stop()
    expect(service?.deaths()).toBe(1)
  })

  test('has an IPC channel that tells it when its parent is gone', async () => {
    await run("process.on('disconnect', () => {}); print(process.connected ? 'connected' : 'alone')")
    expect((await printed('connected'))[0]).toBe('connected')
  })
})

test.each([
  [0, 0],
  [1, 250],
  [2, 500],
  [4, 2000],
  [9, 10_000],
  [2000, 10_000],
])('after %i quick deaths in a row the service is restarted in %i ms', (deaths, delayMs) => {
  expect(restartDelayMs(deaths)).toBe(delayMs)
})
