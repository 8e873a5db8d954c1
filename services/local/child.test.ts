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
/** Starts a script that may write lines with say(). */
async function run(script: string, options: Partial<ServiceOptions> = {}): Promise<void> {
  const entry = join(dir, 'service.mjs')
  const say = `const say = (line) => appendFileSync(process.env.LOG, line + '\\n')`
  await writeFile(entry, `import { appendFileSync } from 'node:fs'\n${say}\n${script}`)
  const env = { ...process.env, NODE_OPTIONS: '', LOG: log() }
  service = superviseService({ name: 'service', entry, env, onDeath: () => undefined, ...options })
}
/** Waits until the script has written a line so many times. */
async function said(line: string, times = 1): Promise<string[]> {
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
  test('is started again when it dies, and every death is told', async () => {
    const deaths: string[] = []
    await run("say('up'); process.exit(3)", { onDeath: ({ how }) => deaths.push(how) })
    await said('up', 2)
    expect(deaths[0]).toBe('exit code 3')
    expect(service?.deaths()).toBeGreaterThanOrEqual(1)
  })

  test('stops at SIGTERM and stays stopped, however often it is asked', async () => {
    await run(
      "process.on('SIGTERM', () => { say('bye'); process.exit(0) }); setInterval(() => {}, 1000); say('up')",
    )
    await said('up')
    await Promise.all([service?.stop(), service?.stop()])
    expect(await said('bye')).toEqual(['up', 'bye', ''])
    expect(service?.deaths()).toBe(0)
  })

  test('that does not hear SIGTERM is killed', async () => {
    await run("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); say('pid ' + process.pid)", {
      stopTimeoutMs: 50,
    })
    const [line] = await said('pid')
    await service?.stop()
    expect(isAlive(Number(line?.split(' ')[1]))).toBe(false)
  })

  test('can be stopped while it waits for its next start', async () => {
    const died = new Promise<void>((resolve) => void run('process.exit(1)', { onDeath: () => resolve() }))
    await died
    await service?.stop()
    expect(service?.deaths()).toBe(1)
  })

  test('notices through its channel that its parent is gone', async () => {
    await run("process.on('disconnect', () => {}); say(process.connected ? 'joined' : 'alone')")
    expect((await said('joined'))[0]).toBe('joined')
  })
})

test.each([
  [0, 0],
  [1, 250],
  [2, 500],
  [4, 2000],
  [9, 10_000],
  [2000, 10_000],
])('after %i quick deaths in a row the next start comes in %i ms', (deaths, delayMs) => {
  expect(restartDelayMs(deaths)).toBe(delayMs)
})
