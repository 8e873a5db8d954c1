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

  test('grows by whole slots, and by no more than there are', async () => {
    const taken: number[] = []
    const memory = createJobMemory(700 * MB, { count: 4, take: async (count) => void taken.push(count) })
    expect(await memory.grow(700 * MB, signal)).toBe(false)
    expect(await memory.grow(701 * MB, signal)).toBe(true)
    expect(memory.total).toBe(1400 * MB)
    expect(await memory.grow(1200 * MB, signal)).toBe(false)
    expect(await memory.grow(Number.POSITIVE_INFINITY, signal)).toBe(true)
    expect(memory.total).toBe(2800 * MB)
    expect(await memory.grow(Number.POSITIVE_INFINITY, signal)).toBe(false)
    expect(taken).toEqual([2, 4])
    expect(await memory.grant(2800 * MB, signal, async () => 'ran')).toBe('ran')
  })

  test('stays as it is when no more is free, and without slots', async () => {
    const take = () => Promise.reject(new Error('none is free'))
    const memory = createJobMemory(700 * MB, { count: 2, take })
    await expect(memory.grow(900 * MB, signal)).rejects.toThrow('none is free')
    expect(memory.total).toBe(700 * MB)
    expect(await createJobMemory(700 * MB).grow(900 * MB, signal)).toBe(false)
    expect(await createJobMemory(0, { count: 2, take }).grow(Number.POSITIVE_INFINITY, signal)).toBe(false)
  })
})
