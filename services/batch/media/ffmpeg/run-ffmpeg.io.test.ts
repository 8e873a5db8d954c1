import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Run } from './command-line.ts'
import { createJobMemory } from './job-memory.ts'
import { createRunner } from './run-ffmpeg.ts'

const MB = 1024 ** 2
const SLOT = 64 * MB
const { signal } = new AbortController()
const run: Run = { inputs: [], graph: '', files: [{ path: 'out.mp4', options: ['-t', '1'] }], seconds: 1 }

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cutroom-run-'))
  // `ulimit -d` tells its limit in KiB.
  const needs = (mb: number) =>
    `#!/bin/sh\n[ "$(ulimit -d)" -ge ${mb * 1024} ] && exit 0\necho "[libx264] malloc of size 9 failed" >&2\nexit 1\n`
  for (const mb of [128, 512]) {
    await writeFile(join(dir, `needs-${mb}`), needs(mb))
    await chmod(join(dir, `needs-${mb}`), 0o755)
  }
})
afterAll(() => rm(dir, { recursive: true }))

/** A runner of a tool that needs so much memory, in a worker with two slots. `taken`: how many slots its runs took, and when. */
function openRunner(mb: number) {
  const taken: number[] = []
  const memory = createJobMemory(SLOT, { count: 2, take: async (count) => void taken.push(count) })
  const ffmpeg = join(dir, `needs-${mb}`)
  return { taken, runner: createRunner({ ffmpeg, guard: { memoryBytes: SLOT, niceness: 0 }, memory }) }
}

// macOS has no such limits.
const onLinux = process.platform === 'linux' ? describe : describe.skip

onLinux('a run that needs more memory than a slot has', () => {
  test('is repeated with that of all slots', async () => {
    const { runner, taken } = openRunner(128)
    await runner(run, { deadlineMs: 10_000, signal })
    expect(taken).toEqual([2])
  })

  test('has it from the beginning when that was foreseen', async () => {
    const { runner, taken } = openRunner(128)
    const sinks = new Map([['out.mp4', new PassThrough()]])
    await runner(run, { deadlineMs: 10_000, signal, sinks, memoryBytes: 100 * MB })
    expect(taken).toEqual([2])
  })

  test('fails when all slots have too little', async () => {
    const { runner, taken } = openRunner(512)
    await expect(runner(run, { deadlineMs: 10_000, signal })).rejects.toMatchObject({ code: 'media.limits' })
    expect(taken).toEqual([2])
  })

  test('fails at once when some of its output is gone', async () => {
    const { runner, taken } = openRunner(128)
    const sinks = new Map([['out.mp4', new PassThrough().on('error', () => undefined)]])
    await expect(runner(run, { deadlineMs: 10_000, signal, sinks })).rejects.toMatchObject({
      code: 'media.limits',
    })
    expect(taken).toEqual([])
  })
})
