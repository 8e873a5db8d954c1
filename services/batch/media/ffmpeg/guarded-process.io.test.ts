import { afterEach, expect, test } from '@jest/globals'
import { guardedCommand, runGuardedProcess, toolEnvironment } from './guarded-process.ts'

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
