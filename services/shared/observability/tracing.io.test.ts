import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import express from 'express'
import { traceRequests } from '../http/trace-requests.ts'
import { beginTaskTrace, currentTraceparent, isTracing, startTracing, traced } from './tracing.ts'

type Link = { traceId: string; spanId: string }
type Span = Link & {
  name: string
  kind: number
  parentSpanId?: string
  links?: Link[]
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[]
  status: { code?: number; message?: string }
}
type Export = {
  resourceSpans: { resource: { attributes: Span['attributes'] }; scopeSpans: { spans: Span[] }[] }[]
}

const TASK = '01932b5e-7c3a-7f00-8a1b-0123456789ab'
const TASK_TRACE = '01932b5e7c3a7f008a1b0123456789ab'
const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

/** Collects what is exported, as a collector does. */
let receiver: Server
let exports: Export[]
let stop: () => Promise<void>
beforeEach(async () => {
  exports = []
  receiver = createServer(async (req, res) => {
    exports.push((await json(req)) as Export)
    res.setHeader('content-type', 'application/json').end('{}')
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const endpoint = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
  stop = await startTracing({ endpoint, service: 'web', version: '1.2.3', project: '' })
})
afterEach(async () => {
  await stop()
  receiver.close()
})

/** All spans by name, once tracing has ended. */
async function spans(): Promise<Record<string, Span>> {
  await stop()
  const all = exports.flatMap(({ resourceSpans }) => resourceSpans.flatMap(({ scopeSpans }) => scopeSpans))
  return Object.fromEntries(all.flatMap((scope) => scope.spans).map((span) => [span.name, span]))
}

const attributeOf = ({ attributes }: Pick<Span, 'attributes'>, name: string) => {
  const value = attributes.find(({ key }) => key === name)?.value
  return value?.stringValue ?? value?.intValue
}

test('without an endpoint nothing is traced, and work runs all the same', async () => {
  await stop()
  const stopNothing = await startTracing({ endpoint: undefined, service: 'web', version: '1', project: '' })
  expect(isTracing()).toBe(false)
  expect(await traced('work', {}, async () => 'result')).toBe('result')
  expect(currentTraceparent()).toBeUndefined()
  await stopNothing()
  expect(exports).toEqual([])
})

test('a span within another belongs to it, across awaits', async () => {
  await traced('outer', { parent: CALLER }, async () => {
    await new Promise((resolve) => setImmediate(resolve))
    await traced('inner', {}, async () => {})
  })
  const { outer, inner } = await spans()
  expect(outer?.traceId).toBe('0af7651916cd43dd8448eb211c80319c')
  expect(outer?.parentSpanId).toBe('b7ad6b7169203331')
  expect(inner?.parentSpanId).toBe(outer?.spanId)
})

test('the jobs of a task share the trace of the task, which is linked to the request', async () => {
  await traced('request', {}, async () => beginTaskTrace(TASK))
  await traced('message', { parent: CALLER }, () =>
    traced('job', { taskId: TASK }, () => traced('ffmpeg', {}, async () => {})),
  )
  const { request, task, message, job, ffmpeg } = await spans()
  expect([task?.traceId, job?.traceId, ffmpeg?.traceId]).toEqual([TASK_TRACE, TASK_TRACE, TASK_TRACE])
  expect(job?.parentSpanId).toBe(task?.spanId)
  expect(ffmpeg?.parentSpanId).toBe(job?.spanId)
  expect(task?.links?.[0]).toMatchObject({ traceId: request?.traceId, spanId: request?.spanId })
  expect(request?.links?.[0]).toMatchObject({ traceId: TASK_TRACE, spanId: task?.spanId })
  expect(job?.links?.[0]).toMatchObject({ spanId: message?.spanId })
  expect(task?.parentSpanId).toBeFalsy()
})

test('what is thrown is recorded, and thrown', async () => {
  const work = () => Promise.reject(new Error('ffmpeg exited with code 1'))
  await expect(traced('ffmpeg', {}, work)).rejects.toThrow('ffmpeg exited with code 1')
  expect((await spans()).ffmpeg?.status).toEqual({ code: 2, message: 'ffmpeg exited with code 1' })
})

test('a request continues the trace of its caller, and is named by its route', async () => {
  const app = express()
  app.use(traceRequests)
  app.get('/tasks/:id', (_req, res) => void res.json({ traceparent: currentTraceparent() }))
  app.get('/health/live', (_req, res) => void res.json({}))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const reply = await fetch(`${url}/tasks/7`, { headers: { traceparent: CALLER } })
  const { traceparent } = (await reply.json()) as { traceparent: string }
  await fetch(`${url}/health/live`)
  server.closeAllConnections()
  server.close()
  const found = await spans()
  expect(Object.keys(found)).toEqual(['GET /tasks/:id'])
  const [span] = Object.values(found)
  expect(span?.traceId).toBe('0af7651916cd43dd8448eb211c80319c')
  expect(traceparent).toContain(span?.spanId)
  expect(attributeOf(span as Span, 'http.response.status_code')).toBe(200)
})

test('spans name the service and its release', async () => {
  await traced('work', {}, async () => {})
  await stop()
  const resource = exports[0]?.resourceSpans[0]?.resource
  expect(resource && attributeOf(resource, 'service.name')).toBe('cutroom-web')
  expect(resource && attributeOf(resource, 'service.version')).toBe('1.2.3')
})
