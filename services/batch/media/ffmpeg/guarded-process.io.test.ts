import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import {
  guardedCommand,
  type ProcessGuard,
  runGuardedProcess,
  terminateProcessGroup,
  toolEnvironment,
} from './guarded-process.ts'

const guard = { memoryBytes: 0, niceness: 0 }
const { signal } = new AbortController()

afterEach(() => {
  delete process.env.JWT_SECRET
})

test('a media tool sees no secret of the service', async () => {
  process.env.JWT_SECRET = 'not for ffmpeg'
  const { stdout } = await runGuardedProcess(guardedCommand('env', guard), [], { deadlineMs: 10_000, signal })
  const names = stdout.split('\n').flatMap((line) => (line.includes('=') ? [line.split('=')[0]] : []))
  expect(names).toContain('PATH')
  expect(names.filter((name) => !['PATH', 'LANG', 'TMPDIR'].includes(name ?? ''))).toEqual([])
})

test('what is passed on is a list, so that a new secret is never forgotten', () => {
  expect(toolEnvironment({ PATH: '/bin', TMPDIR: '/tmp', SECRETS_KEY: 'k', DATABASE_URL: 'd' })).toEqual({
    PATH: '/bin',
    TMPDIR: '/tmp',
  })
})

test('a tool whose parent exits before it is ended with it', async () => {
  // The parent exits at SIGTERM; its child ignores that, and has the pipes open for half a minute.
  const script = "(trap '' TERM; echo started; exec sleep 30) & wait"
  const child = spawn('sh', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = once(child, 'close')
  await once(child.stdout, 'data')
  terminateProcessGroup(child)
  await expect(closed).resolves.toBeDefined()
}, 20_000)

describe('on Linux a media tool', () => {
  const onLinux = process.platform === 'linux' ? test : test.skip
  const shell = async (script: string, limits: Partial<ProcessGuard> = {}) =>
    runGuardedProcess(guardedCommand('sh', { ...guard, ...limits }), ['-c', script], {
      deadlineMs: 10_000,
      signal,
    })

  onLinux('cannot gain privileges, and leaves no core', async () => {
    const { stdout } = await shell('grep NoNewPrivs /proc/self/status; ulimit -c')
    expect(stdout).toBe('NoNewPrivs:\t1\n0\n')
  })

  onLinux('has limits on memory, file size, CPU time and processes', async () => {
    const limits = { memoryBytes: 1024 ** 3, fileBytes: 4096, cpuSeconds: 60, processes: 5000 }
    const { stdout } = await shell('cat /proc/self/limits', limits)
    const limitOf = (name: string) => new RegExp(`^${name}\\s+(\\S+)`, 'm').exec(stdout)?.[1]
    expect({
      data: limitOf('Max data size'),
      file: limitOf('Max file size'),
      cpu: limitOf('Max cpu time'),
      processes: limitOf('Max processes'),
      address: limitOf('Max address space'),
    }).toEqual({
      data: String(1024 ** 3),
      file: '4096',
      cpu: '60',
      processes: '5000',
      address: String(5 * 1024 ** 3),
    })
  })

  onLinux('that writes a file above its limit is stopped', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'guarded-'))
    await shell(`head -c 100000 /dev/zero > ${dir}/file`, { fileBytes: 4096 })
    expect((await stat(join(dir, 'file'))).size).toBe(4096)
    await rm(dir, { recursive: true })
  })
})
