import { expect, test } from '@jest/globals'
import { backoffMs, sleep } from './backoff.ts'

test('waits double from attempt to attempt, up to a bound', () => {
  expect([1, 2, 3, 20].map((attempt) => backoffMs(attempt, undefined, 1))).toEqual([400, 800, 1600, 20_000])
})

test('the wait that the service asks for is never shortened', () => {
  expect(backoffMs(1, 60, 0)).toBe(60_000)
})

test('an aborted signal ends a wait with its reason', async () => {
  const controller = new AbortController()
  const waiting = sleep(60_000, controller.signal)
  controller.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  await expect(sleep(60_000, controller.signal)).rejects.toThrow('enough')
})
