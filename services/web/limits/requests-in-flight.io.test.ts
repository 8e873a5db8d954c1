import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import express from 'express'
import { errorHandler } from '#shared/http/problems.ts'
import { requestContext } from '#shared/http/request-context.ts'
import { silentLogger } from '#shared/observability/logger.ts'
import { eventually } from '#test/e2e/processes.ts'
import { createRequestsInFlight } from './requests-in-flight.ts'

let server: Server
/** The requests that have begun and not ended, in order. */
let open: { id: string; end(): void }[]
beforeEach(async () => {
  open = []
  const app = express()
  app.use(requestContext(silentLogger))
  app.use((req, res, next) => {
    res.locals.user = { id: req.get('user') }
    next()
  })
  const requests = createRequestsInFlight(2)
  app.get('/:id', async (req, res) => {
    await requests.enter(res.locals.user.id, res)
    const request = { id: req.params.id as string, end: () => void res.end(req.params.id) }
    open.push(request)
    res.once('close', () => open.splice(open.indexOf(request), 1))
  })
  app.use(errorHandler)
  server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const call = (id: string, user = 'ada', signal?: AbortSignal) =>
  fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${id}`, {
    headers: { user },
    ...(signal && { signal }),
  })
const opened = (...ids: string[]) =>
  eventually(`${ids} are in progress`, 5_000, async () => open.map(({ id }) => id).join() === ids.join())

test('further requests of a user wait for their turn, and those of others do not', async () => {
  const replies = []
  for (const id of ['1', '2', '3', '4']) {
    replies.push(call(id))
    if (id === '2') await opened('1', '2')
  }
  replies.push(call('5', 'bob'))
  await opened('1', '2', '5')
  while (open.length > 0) {
    open[0]?.end()
    const before = open[0]
    await eventually('it has ended', 5_000, async () => open[0] !== before)
  }
  expect((await Promise.all(replies)).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
})

test('a request that is given up leaves its turn to the next', async () => {
  const first = [call('1'), call('2')]
  await opened('1', '2')
  const aborted = new AbortController()
  const third = call('3', 'ada', aborted.signal)
  const fourth = call('4')
  await new Promise((resolve) => setTimeout(resolve, 50))
  aborted.abort()
  await expect(third).rejects.toThrow()
  await new Promise((resolve) => setTimeout(resolve, 50))
  open[0]?.end()
  await opened('2', '4')
  for (const { end } of [...open]) end()
  expect((await Promise.all([...first, fourth])).map(({ status }) => status)).toEqual([200, 200, 200])
})

test('a client that disconnects makes space', async () => {
  const aborted = new AbortController()
  const gone = [call('1', 'ada', aborted.signal), call('2', 'ada', aborted.signal)]
  await opened('1', '2')
  const waiting = call('3')
  await new Promise((resolve) => setTimeout(resolve, 50))
  aborted.abort()
  for (const each of gone) await expect(each).rejects.toThrow()
  await opened('3')
  open[0]?.end()
  expect((await waiting).status).toBe(200)
})

test('too many are refused', async () => {
  const replies = [call('1'), call('2')]
  await opened('1', '2')
  const more = Array.from({ length: 101 }, (_, i) => call(`w${i}`))
  const refused = await Promise.any(more)
  expect(refused.status).toBe(429)
  expect(refused.headers.get('retry-after')).toBe('1')
  expect(await refused.json()).toMatchObject({ code: 'request.rate_limited' })
  let isDone = false
  const all = Promise.all([...replies, ...more]).then((done) => {
    isDone = true
    return done
  })
  while (!isDone) {
    open[0]?.end()
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  expect((await all).filter(({ status }) => status === 200)).toHaveLength(102)
})
