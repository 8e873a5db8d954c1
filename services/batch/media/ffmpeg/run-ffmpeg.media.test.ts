import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { type Clips, openClips } from '#test/clips.ts'
import { commandLine, type Run } from './command-line.ts'
import { createRunner } from './run-ffmpeg.ts'

// A machine that is busy with other work must not fail a test of media work.
jest.setTimeout(120_000)

const guard = { memoryBytes: 8 * 1024 ** 3, niceness: 10 }
const runner = createRunner({ ffmpeg: 'ffmpeg', guard })
const never = new AbortController().signal

let clips: Clips
beforeAll(async () => {
  clips = await openClips()
})
afterAll(() => clips.remove())

/** A run in real time: it takes as long as its output lasts. The MPEG-4 encoder has no delay, so progress starts at once. */
const aRun = (seconds: number, path = clips.fresh('mp4'), options: string[] = []): Run => ({
  inputs: [{ source: `testsrc2=size=64x48:rate=10:duration=${seconds}`, options: ['-re', '-f', 'lavfi'] }],
  graph: '[0:v]null[v]',
  files: [{ path, options: ['-map', '[v]', '-c:v', 'mpeg4', ...options] }],
  seconds,
})

/** Ids of the processes that have this path among their arguments. */
async function processesOn(path: string): Promise<number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')))
  return ids.filter((_, i) => lines[i]?.includes(path)).map(Number)
}

describe('a run', () => {
  test('reports rising progress', async () => {
    const shares: number[] = []
    const run = aRun(2)
    await runner(run, { deadlineMs: 30_000, signal: never, onProgress: (share) => shares.push(share) })
    expect(shares.length).toBeGreaterThan(1)
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    expect(shares.at(-1)).toBeLessThanOrEqual(1)
  })

  test('that is aborted rejects with the reason, and leaves no process', async () => {
    const run = aRun(600)
    const controller = new AbortController()
    const reason = new Error('the owner aborted the task')
    const onProgress = () => controller.abort(reason)
    await expect(runner(run, { deadlineMs: 60_000, signal: controller.signal, onProgress })).rejects.toBe(
      reason,
    )
    expect(await processesOn(run.files[0]?.path ?? '-')).toEqual([])
  })

  test('that is aborted beforehand never starts', async () => {
    const reason = new Error('too late')
    await expect(runner(aRun(600), { deadlineMs: 60_000, signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    )
  })

  test('past its deadline times out, and leaves no process', async () => {
    const run = aRun(600)
    await expect(runner(run, { deadlineMs: 300, signal: never })).rejects.toMatchObject({
      code: 'media.timed_out',
      retry: true,
    })
    expect(await processesOn(run.files[0]?.path ?? '-')).toEqual([])
  })

  test('that fails reports why, without paths', async () => {
    const run = aRun(1, clips.fresh('mp4'), ['-c:v', 'libx264', '-profile:v', 'nonsense'])
    const error = await runner(run, { deadlineMs: 30_000, signal: never }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'media.failed',
      // The exit code is 1 until ffmpeg 5, and that of the error since.
      message: expect.stringMatching(/^Processing failed \(ffmpeg exited with code \d+\)\.$/),
    })
    expect((error as { logTail: string }).logTail).toMatch(/opening encoder/)
    expect((error as { logTail: string }).logTail).not.toContain(clips.dir)
  })

  test('on a full disk can be retried', async () => {
    await expect(
      runner(aRun(1, '/dev/full', ['-f', 'matroska']), { deadlineMs: 30_000, signal: never }),
    ).rejects.toMatchObject({ code: 'media.disk_full', retry: true })
  })

  test('that needs more memory than allowed exceeds the limits', async () => {
    const strict = createRunner({ ffmpeg: 'ffmpeg', guard: { memoryBytes: 900 * 1024 ** 2, niceness: 10 } })
    const endless = { source: 'testsrc2=size=64x48:rate=25', options: ['-f', 'lavfi'] }
    const run = { ...aRun(1), inputs: [endless], graph: '[0:v]scale=3840:2160,loop=loop=1:size=1000[v]' }
    await expect(strict(run, { deadlineMs: 60_000, signal: never })).rejects.toMatchObject({
      code: 'media.limits',
      retry: false,
    })
  })

  test('fails when the tool does not exist', async () => {
    const lost = createRunner({ ffmpeg: '/nowhere/ffmpeg', guard })
    await expect(lost(aRun(1), { deadlineMs: 30_000, signal: never })).rejects.toMatchObject({
      code: 'media.failed',
    })
  })
})

const onLinux = process.platform === 'linux' ? test : test.skip
onLinux('ffmpeg dies with its parent, even when the parent is killed', async () => {
  const run = aRun(600)
  const script = `
    const { createRunner } = await import(${JSON.stringify(new URL('run-ffmpeg.ts', import.meta.url).href)})
    const runner = createRunner({ ffmpeg: 'ffmpeg', guard: ${JSON.stringify(guard)} })
    const options = { deadlineMs: 60_000, signal: new AbortController().signal, onProgress: () => console.log('under way') }
    await runner(${JSON.stringify(run)}, options)`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(createInterface(parent.stdout), 'line')
  const path = run.files[0]?.path ?? '-'
  const own = (ids: number[]) => ids.filter((id) => id !== parent.pid)
  expect(own(await processesOn(path))).toHaveLength(1)
  parent.kill('SIGKILL')
  await once(parent, 'exit')
  // The kernel signals ffmpeg when its parent exits; there is no event for the moment it is gone.
  for (let tries = 0; tries < 100 && (await processesOn(path)).length > 0; tries++)
    await new Promise(setImmediate)
  expect(await processesOn(path)).toEqual([])
})

test('ffmpeg receives exactly the planned arguments, including spaces', async () => {
  const script = clips.fresh('sh')
  const received = clips.fresh('txt')
  // Stands in for ffmpeg.
  await writeFile(script, `#!/bin/sh\nfor item in "$@"; do printf '%s\\n' "$item"; done > ${received}\n`, {
    mode: 0o755,
  })
  const run = aRun(1, clips.fresh('mp4'), ['-metadata', 'title=a b'])
  await createRunner({ ffmpeg: script, guard })(run, { deadlineMs: 30_000, signal: never })
  expect((await readFile(received, 'utf8')).trim().split('\n')).toEqual(commandLine(run))
})
