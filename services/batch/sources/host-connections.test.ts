import { describe, expect, test } from '@jest/globals'
import { createHostConnections, waitRetryAfter } from './host-connections.ts'

/** Whether a promise is already settled, after everything that is due has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  for (let i = 0; i < 5; i++) await Promise.resolve()
  const pending = Symbol('pending')
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending
}

describe('requests to a host', () => {
  test('run side by side, and know of each other', async () => {
    const connections = createHostConnections()
    const first = await connections.acquire('a', undefined)
    expect(first.shared()).toBe(false)
    const second = await connections.acquire('a', undefined)
    expect([first.shared(), second.shared()]).toEqual([true, true])
    expect((await connections.acquire('b', undefined)).shared()).toBe(false)
  })

  test('take turns once the host allows one only', async () => {
    const connections = createHostConnections()
    connections.limitToOne('a')
    const first = await connections.acquire('a', undefined)
    const second = connections.acquire('a', undefined)
    const third = connections.acquire('a', undefined)
    expect(await isSettled(second)).toBe(false)
    first.release()
    first.release()
    expect((await second).shared()).toBe(false)
    expect(await isSettled(third)).toBe(false)
    ;(await second).release()
    await third
  })

  test('stop waiting when they are aborted', async () => {
    const connections = createHostConnections()
    connections.limitToOne('a')
    const first = await connections.acquire('a', undefined)
    const stop = new AbortController()
    const second = connections.acquire('a', stop.signal)
    stop.abort(new Error('no longer wanted'))
    await expect(second).rejects.toThrow('no longer wanted')
    first.release()
    await connections.acquire('a', undefined)
  })
})

test.each([
  ['0', true],
  [new Date(0).toUTCString(), true],
  ['3600', false],
  ['soon', false],
  [undefined, false],
])('Retry-After: %s is waited for: %s', async (header, waited) => {
  expect(await waitRetryAfter(header, undefined)).toBe(waited)
})
