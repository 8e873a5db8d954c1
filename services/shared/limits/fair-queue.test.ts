import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from '@jest/globals'
import { type CallOptions, createFairQueue } from './fair-queue.ts'

/** A queue whose calls are pending until `end` settles them by name. */
function openQueue({ concurrency = 1, maxWaiting = 10, maxWaitingPerKey = 3 } = {}) {
  const displaced = () => new Error('displaced')
  const queue = createFairQueue({ concurrency, maxWaiting, maxWaitingPerKey, displaced })
  const started: string[] = []
  const ends = new Map<string, PromiseWithResolvers<string>>()
  const run = (key: string, name: string, options: CallOptions = {}) =>
    queue.run(
      key,
      () => {
        started.push(name)
        const pending = Promise.withResolvers<string>()
        ends.set(name, pending)
        return pending.promise
      },
      options,
    )
  const end = async (name: string, error?: Error) => {
    if (error) ends.get(name)?.reject(error)
    else ends.get(name)?.resolve(name)
    await turn()
  }
  return { queue, run, end, started }
}

describe('calls that wait', () => {
  test('take turns between keys, in order within each', async () => {
    const { run, end, started } = openQueue()
    for (const name of ['a1', 'a2', 'a3', 'a4']) run('a', name)
    for (const name of ['b1', 'b2']) run('b', name)
    run('c', 'c1')
    for (let i = 0; i < 7; i++) await end(started.at(-1) ?? '')
    expect(started).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4'])
  })

  test('run as many at a time as are allowed', async () => {
    const { run, end, started, queue } = openQueue({ concurrency: 2 })
    for (const name of ['a1', 'a2', 'a3']) run('a', name)
    expect(started).toEqual(['a1', 'a2'])
    expect(queue.waiting()).toBe(1)
    await end('a2')
    expect(started).toEqual(['a1', 'a2', 'a3'])
  })

  test('are refused when a key has too many', async () => {
    const { run, started } = openQueue()
    const results = ['a1', 'a2', 'a3', 'a4', 'a5'].map((name) => run('a', name))
    expect(results.map((result) => result !== undefined)).toEqual([true, true, true, true, false])
    expect(run('b', 'b1')).toBeDefined()
    expect(started).toEqual(['a1'])
  })

  test('give way to a key with fewer when all waiting slots are in use', async () => {
    const { run, end, started } = openQueue({ maxWaiting: 3 })
    const [, , , last] = ['a1', 'a2', 'a3', 'a4'].map((name) => run('a', name))
    run('b', 'b1')
    await expect(last).rejects.toThrow('displaced')
    // Now a has two waiting and b one: nobody has to give way to a second one of b.
    expect(run('b', 'b2')).toBeUndefined()
    await end('a1')
    await end('a2')
    expect(started).toEqual(['a1', 'a2', 'b1'])
  })

  test('get every second turn, and wait apart from others, when they are preferred', async () => {
    const { run, end, started, queue } = openQueue({ maxWaiting: 3 })
    for (const name of ['a1', 'b1', 'c1', 'd1']) run(name, name)
    expect(queue.accepts('e1')).toBe(false)
    expect(queue.accepts('p1', { isPreferred: true })).toBe(true)
    for (const name of ['p1', 'p2', 'p3']) run(name, name, { isPreferred: true })
    for (let i = 0; i < 7; i++) await end(started.at(-1) ?? '')
    expect(started).toEqual(['a1', 'p1', 'b1', 'p2', 'c1', 'p3', 'd1'])
  })

  test('continue after one fails', async () => {
    const { run, end, started } = openQueue()
    const first = run('a', 'a1')
    run('a', 'a2')
    await Promise.all([expect(first).rejects.toThrow('no memory'), end('a1', new Error('no memory'))])
    expect(started).toEqual(['a1', 'a2'])
  })

  test('leave when they are aborted', async () => {
    const { run, end, started, queue } = openQueue()
    run('a', 'a1')
    const aborted = new AbortController()
    const second = run('a', 'a2', { signal: aborted.signal })
    run('a', 'a3')
    aborted.abort(new Error('gone'))
    await expect(second).rejects.toThrow('gone')
    expect(queue.waiting()).toBe(1)
    await end('a1')
    expect(started).toEqual(['a1', 'a3'])
  })
})

test('is drained when nothing runs or waits', async () => {
  const { run, end, queue } = openQueue()
  await queue.drained()
  run('a', 'a1')
  run('a', 'a2')
  let isDrained = false
  const drained = queue.drained().then(() => {
    isDrained = true
  })
  await end('a1')
  expect(isDrained).toBe(false)
  await end('a2')
  await drained
  expect(isDrained).toBe(true)
})
