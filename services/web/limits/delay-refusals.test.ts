import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import type { Request, Response } from 'express'
import { CutroomError } from '#shared/errors.ts'
import { delayRefusals } from './delay-refusals.ts'

beforeEach(() => void jest.useFakeTimers({ doNotFake: ['performance'] }))
afterEach(() => void jest.useRealTimers())

const REFUSAL = new CutroomError('request.rate_limited', 'as the test wants it')

function open() {
  const clock = { ms: 0 }
  const handler = delayRefusals(() => clock.ms)
  /** Refuses requests of an address; returns how many have been answered so far. */
  function refuse(times: number, ip = '203.0.113.1', error: unknown = REFUSAL) {
    let answered = 0
    const req = { ip, socket: {} } as Request
    for (let i = 0; i < times; i++) handler(error, req, {} as Response, () => void answered++)
    return () => answered
  }
  return { clock, refuse }
}

test('a client that goes on although it is refused waits for its refusals', async () => {
  const { clock, refuse } = open()
  const first = refuse(25)
  expect(first()).toBe(20)
  expect(refuse(5, '203.0.113.2')()).toBe(5)
  await jest.advanceTimersByTimeAsync(1_000)
  expect(first()).toBe(25)
  clock.ms = 10_001
  expect(refuse(20)()).toBe(20)
})

test('other errors, and clients on this machine, do not wait', () => {
  const { refuse } = open()
  expect(refuse(30, '203.0.113.1', new CutroomError('task.not_found', 'none'))()).toBe(30)
  expect(refuse(30, '127.0.0.1')()).toBe(30)
})

test('only so many connections are kept open for that', () => {
  expect(open().refuse(1_120)()).toBe(120)
})
