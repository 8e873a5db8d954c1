import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import type { Request, Response } from 'express'
import type { TaskDetails } from '#shared/contract/tasks.ts'
import { streamEvents, type TaskSource } from './stream-events.ts'

const task = (status: string, progress = 0, seconds_left: number | null = null) =>
  ({ id: 'a', status, progress, seconds_left }) as TaskDetails

let server: Server
let source: TaskSource
beforeEach(async () => {
  server = createServer((req, res) => void streamEvents(req as Request, res as Response, source))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => {
  jest.useRealTimers()
  server.closeAllConnections()
  server.close()
})

const follow = async () => {
  const reply = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  return reply.text()
}
const progressOf = (text: string) =>
  [...text.matchAll(/"progress":(\d+)/g)].map(([, progress]) => Number(progress))

test('a change during a fetch is not left until the next poll', async () => {
  // The clock stands still: only the call of `changed` can lead to another fetch.
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] })
  let changed = () => {}
  const states = [task('running', 1), task('succeeded', 100)]
  source = {
    isAuthorized: async () => true,
    async fetch() {
      const seen = states.shift()
      changed()
      return seen
    },
    subscribe(call) {
      changed = call
      return () => {}
    },
    stopping: new AbortController().signal,
  }
  expect(progressOf(await follow())).toEqual([1, 100])
})

test.each([
  ['an unchanged task', [task('running', 1), task('running', 1), task('running', 2), task('aborted', 2)]],
  [
    'a task of which the estimate alone changes',
    [task('running', 1, 60), task('running', 1, 58), task('running', 2, 40), task('aborted', 2)],
  ],
])('%s is sent once', async (_, states) => {
  let changed = () => {}
  source = {
    isAuthorized: async () => true,
    async fetch() {
      setImmediate(() => changed())
      return states.shift()
    },
    subscribe(call) {
      changed = call
      return () => {}
    },
    stopping: new AbortController().signal,
  }
  expect(progressOf(await follow())).toEqual([1, 2, 2])
})

test('a stop during a fetch is not left until the next poll', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] })
  const stopping = new AbortController()
  source = {
    isAuthorized: async () => true,
    async fetch() {
      stopping.abort()
      return task('running', 1)
    },
    subscribe: () => () => {},
    stopping: stopping.signal,
  }
  expect(progressOf(await follow())).toEqual([1])
})

test('a removed task ends the stream', async () => {
  const unsubscribe = jest.fn<() => void>()
  source = {
    isAuthorized: async () => true,
    fetch: async () => undefined,
    subscribe: () => unsubscribe,
    stopping: new AbortController().signal,
  }
  expect(progressOf(await follow())).toEqual([])
  expect(unsubscribe).toHaveBeenCalledTimes(1)
})

test('a caller who is no longer authorized ends the stream, and gets nothing more', async () => {
  let changed = () => {}
  const answers = [true, false]
  source = {
    isAuthorized: async () => answers.shift() ?? false,
    async fetch() {
      setImmediate(() => changed())
      return task('running', 2 - answers.length)
    },
    subscribe(call) {
      changed = call
      return () => {}
    },
    stopping: new AbortController().signal,
  }
  expect(progressOf(await follow())).toEqual([1])
})

test('a client that disconnects during a fetch ends the stream without an error', async () => {
  const fetching = Promise.withResolvers<void>()
  const fetched = Promise.withResolvers<TaskDetails>()
  let ended: Promise<void> | undefined
  source = {
    isAuthorized: async () => true,
    fetch() {
      fetching.resolve()
      return fetched.promise
    },
    subscribe: () => () => {},
    stopping: new AbortController().signal,
  }
  server.removeAllListeners('request')
  server.on('request', (req, res) => {
    ended = streamEvents(req as Request, res as Response, source)
    res.once('close', () => fetched.resolve(task('running', 1)))
  })
  const leaving = new AbortController()
  const { port } = server.address() as AddressInfo
  const reply = fetch(`http://127.0.0.1:${port}/`, { signal: leaving.signal }).catch(() => undefined)
  await fetching.promise
  leaving.abort()
  await reply
  await fetched.promise
  await expect(ended).resolves.toBeUndefined()
})
