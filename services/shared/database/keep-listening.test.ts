import { EventEmitter } from 'node:events'
import { expect, jest, test } from '@jest/globals'
import type pg from 'pg'
import { silentLogger } from '../observability/logger.ts'
import { keepListening } from './keep-listening.ts'

test('a connection on which LISTEN is refused is closed before the next one is opened', async () => {
  const ended: number[] = []
  let opened = 0
  const openClient = async () => {
    opened += 1
    const number = opened
    const query = async () => {
      if (number < 3) throw new Error('cannot execute LISTEN during recovery')
    }
    const end = async () => void ended.push(number)
    return Object.assign(new EventEmitter(), { query, end }) as unknown as pg.Client
  }
  const onConnected = jest.fn()
  const stop = keepListening({ openClient }, 'a_channel', {
    onNotification() {},
    onConnected,
    log: silentLogger,
    reconnectMs: 1,
  })
  while (onConnected.mock.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  expect(ended).toEqual([1, 2])
  await stop()
  expect(ended).toEqual([1, 2, 3])
})
