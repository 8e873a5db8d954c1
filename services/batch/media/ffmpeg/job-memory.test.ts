import { describe, expect, test } from '@jest/globals'
import { createJobMemory } from './job-memory.ts'

const MB = 1024 ** 2
const { signal } = new AbortController()
const turns = () => new Promise((resolve) => setImmediate(resolve))

/** Starts processes that end on demand, and counts the bytes that are granted at a time. */
function runProcesses(total: number) {
  const memory = createJobMemory(total)
  const running: { bytes: number; end: () => void }[] = []
  const granted: number[] = []
  const run = (bytes: number, until: AbortSignal = signal) =>
    memory.grant(bytes, until, () => {
      return new Promise<void>((resolve) => {
        const one = {
          bytes,
          end() {
            running.splice(running.indexOf(one), 1)
            resolve()
          },
        }
        running.push(one)
        granted.push(running.reduce((sum, each) => sum + each.bytes, 0))
      })
    })
  return { memory, running, granted, run }
}

describe('the memory of a job', () => {
  test.each([[300], [900], [2560], [8192]])('of %d MB is never granted twice', async (total) => {
    const { memory, running, granted, run } = runProcesses(total * MB)
    const all = Promise.all(Array.from({ length: 20 }, () => run(memory.share)))
    for (let i = 0; i < 20; i++) {
      await turns()
      running[0]?.end()
    }
    await all
    expect(granted).toHaveLength(20)
    expect(Math.max(...granted)).toBeLessThanOrEqual(total * MB)
    expect(memory.share * 4).toBeGreaterThanOrEqual(Math.min(4 * 300, total) * MB)
  })

  test('is shared by at most four, and not at all when it is small', () => {
    expect(createJobMemory(8192 * MB).share).toBe(2048 * MB)
    expect(createJobMemory(700 * MB).share).toBe(700 * MB)
  })

  test('is granted in order, so that a process that needs all of it is not passed by', async () => {
    const { running, run } = runProcesses(1000 * MB)
    const all = [run(400 * MB), run(1000 * MB), run(400 * MB)]
    await turns()
    expect(running.map(({ bytes }) => bytes / MB)).toEqual([400])
    for (const expected of [[1000], [400], []]) {
      running[0]?.end()
      await turns()
      expect(running.map(({ bytes }) => bytes / MB)).toEqual(expected)
    }
    await Promise.all(all)
  })

  test('is not granted to what was aborted while it waited', async () => {
    const { running, run } = runProcesses(1000 * MB)
    const abort = new AbortController()
    const first = run(1000 * MB)
    const second = run(1000 * MB, abort.signal)
    const third = run(500 * MB)
    abort.abort(new Error('no longer wanted'))
    await expect(second).rejects.toThrow('no longer wanted')
    running[0]?.end()
    await turns()
    expect(running.map(({ bytes }) => bytes / MB)).toEqual([500])
    running[0]?.end()
    await Promise.all([first, third])
  })

  test('of 0 bytes is unlimited', async () => {
    const memory = createJobMemory(0)
    expect(memory.share).toBe(0)
    expect(await memory.grant(0, signal, async () => 'ran')).toBe('ran')
  })
})
