import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { silentLogger } from '#shared/observability/logger.ts'
import { findSandbox } from './find-sandbox.ts'
import { guardedCommand, runGuardedProcess } from './guarded-process.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sandbox-'))
})
afterEach(() => rm(dir, { recursive: true }))

const find = (setting: 'auto' | 'off' | 'required', tools = ['true']) => {
  const warnings: unknown[] = []
  const log = { ...silentLogger, warn: (_: string, fields: unknown) => void warnings.push(fields) }
  return findSandbox(setting, { tools, dir, log: log as never }).then((sandbox) => ({ sandbox, warnings }))
}

test('is not used when it is off, which is logged', async () => {
  expect(await find('off')).toEqual({ sandbox: undefined, warnings: [{ reason: 'MEDIA_SANDBOX is off' }] })
})

test('a tool that does not run in it is reported: by a warning, or by refusing to start', async () => {
  const broken = join(dir, 'tool')
  await writeFile(broken, '#!/nowhere\n', { mode: 0o755 })
  const { sandbox, warnings } = await find('auto', [broken])
  expect(sandbox).toBeUndefined()
  expect(warnings).toHaveLength(1)
  await expect(find('required', [broken])).rejects.toThrow(/MEDIA_SANDBOX: required, but /)
})

describe('where it works, a tool', () => {
  /** Runs a script in the sandbox; undefined on machines without one. */
  async function sandboxed(script: string) {
    const { sandbox } = await find('auto')
    if (!sandbox) return undefined
    const job = join(dir, 'job')
    await mkdir(job, { recursive: true })
    const command = guardedCommand('sh', { memoryBytes: 0, niceness: 0, sandbox, dir: job })
    const signal = new AbortController().signal
    return runGuardedProcess(command, ['-c', script], { deadlineMs: 10_000, signal })
  }

  test('sees no files of others, and writes to its own directory alone', async () => {
    await writeFile(join(dir, 'secret'), 'a canary')
    const result = await sandboxed(`
      cat ${dir}/secret ${import.meta.filename} /etc/passwd /root/* /proc/*/environ | tr '\\0' '\\n' | grep -v ^PWD
      echo no > ${dir}/other; echo no > /usr/other; echo yes > ${dir}/job/own`)
    if (!result) return
    expect(result.stdout).not.toMatch(/canary|afterEach|root:/)
    expect(result.stderr).toContain('secret')
    expect(await readFile(join(dir, 'job/own'), 'utf8')).toBe('yes\n')
    await expect(readFile(join(dir, 'other'))).rejects.toThrow('ENOENT')
  })

  test('sees no process but its own', async () => {
    const result = await sandboxed('ls /proc | grep -c "^[0-9]"')
    if (!result) return
    expect(Number(result.stdout)).toBeLessThan(8)
  })

  test('is gone when it is aborted', async () => {
    const { sandbox } = await find('auto')
    if (!sandbox) return
    const abort = new AbortController()
    const command = guardedCommand('sh', { memoryBytes: 0, niceness: 0, sandbox, dir })
    const options = { deadlineMs: 30_000, signal: abort.signal }
    const running = runGuardedProcess(
      command,
      ['-c', `echo on > ${dir}/on; sleep 20; echo late > ${dir}/on`],
      options,
    )
    setTimeout(() => abort.abort(new Error('no longer wanted')), 300)
    await expect(running).rejects.toThrow('no longer wanted')
  })
})
