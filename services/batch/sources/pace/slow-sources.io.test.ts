import type { RequestListener, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { afterEach, expect, test } from '@jest/globals'
import { silentLogger } from '#shared/observability/logger.ts'
import { createSources } from '../open-source.ts'
import { startRangeServer } from '../range-server.ts'
import { answerWith, startTestHost } from '../testing/source-host.ts'

const cleanUps: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp()
})

/** Tenths of the real times, or less. */
const MIN_PACE = { bytesPerSecond: 64_000, windowMs: 400, graceMs: 100 }
const FILE = Buffer.alloc(600_000, 'x')

async function openFrom(answer: RequestListener) {
  const host = await startTestHost(answer)
  const rangeServer = await startRangeServer(silentLogger)
  const sources = createSources({
    storage: { stat: async () => undefined, read: async () => Promise.reject(new Error('never')) },
    limits: { allowHosts: [host.hostPort], maxBytes: 1e9, readTimeoutMs: 5000, minPace: MIN_PACE },
    rangeServer,
    log: silentLogger,
  })
  cleanUps.push(host.close, rangeServer.close, sources.close)
  const job = new AbortController().signal
  return {
    job,
    waitedMs: sources.waitedMs,
    open: () => sources.open({ url: `${host.origin}/a.mp4` }, tmpdir(), job),
  }
}

/** A byte every 50 ms, for ever. */
function trickle(response: ServerResponse) {
  const timer = setInterval(() => response.write('x'), 50)
  response.on('close', () => clearInterval(timer))
}

const tooSlow = {
  code: 'source.unavailable',
  message: expect.stringContaining('the host sent less than 64 kB/s for 0.4 s'),
  maxAttempts: 2,
}

test('a host without ranges that trickles is given up, and the job knows how long it waited', async () => {
  const { open, job, waitedMs } = await openFrom((_, response) => trickle(response))
  await expect(open()).rejects.toMatchObject(tooSlow)
  expect(waitedMs(job)).toBeGreaterThan(400)
})

test('a host with ranges that trickles behind the first block is given up while ffmpeg reads', async () => {
  let isSlow = false
  const { open, job, waitedMs } = await openFrom((request, response) => {
    if (!isSlow) return answerWith(FILE, request, response)
    const [, start, end] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? []
    response.writeHead(206, { 'content-range': `bytes ${start}-${end}/${FILE.length}` })
    trickle(response)
  })
  await using source = await open()
  isSlow = true
  const reply = await fetch(source.input.url)
  await expect(reply.arrayBuffer()).rejects.toThrow()
  expect(source.readError()).toMatchObject(tooSlow)
  expect(waitedMs(job)).toBeGreaterThan(400)
})

test('a consumer that reads slowly waits for nothing', async () => {
  const { open, job, waitedMs } = await openFrom((request, response) => answerWith(FILE, request, response))
  await using source = await open()
  const opened = waitedMs(job)
  const reply = await fetch(source.input.url)
  const reader = reply.body?.getReader()
  for (let chunk = await reader?.read(); !chunk?.done; chunk = await reader?.read()) {
    await new Promise((resolve) => setTimeout(resolve, 60))
  }
  expect(source.readError()).toBeUndefined()
  expect(waitedMs(job) - opened).toBeLessThan(300)
})
