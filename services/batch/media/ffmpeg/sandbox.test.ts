import { expect, test } from '@jest/globals'
import { guardedCommand } from './guarded-process.ts'
import { sandboxCommand } from './sandbox.ts'

const sandbox = { program: '/usr/bin/bwrap', readOnly: ['/app/assets'] }

test('a tool sees the system read-only, and the directory of its job', () => {
  const command = sandboxCommand(sandbox, '/scratch/job').join(' ')
  expect(command).toMatch(/^\/usr\/bin\/bwrap --unshare-user --unshare-pid /)
  expect(command).toContain('--ro-bind-try /app/assets /app/assets --bind /scratch/job /scratch/job')
  expect(command).toMatch(/--remount-ro \/ --chdir \/ --$/)
  expect(command.match(/--bind /g)).toHaveLength(1)
})

test('without a directory it can write nothing', () => {
  expect(sandboxCommand(sandbox, undefined).join(' ')).not.toContain('--bind ')
})

test('limits are set outside, so that they hold for the sandbox too', () => {
  const command = guardedCommand('ffmpeg', { memoryBytes: 1, niceness: 5, sandbox, dir: '/scratch/job' })
  expect(command.at(-1)).toBe('ffmpeg')
  if (process.platform === 'linux') {
    expect(command.indexOf('prlimit')).toBeLessThan(command.indexOf(sandbox.program))
  }
})
