import { EventEmitter } from 'node:events'
import { expect, test } from '@jest/globals'
import type { Request, Response } from 'express'
import { silentLogger } from '#shared/observability/logger.ts'
import { sendPreview } from './send-preview.ts'

const SIZE = 10_000_000

/** A client that takes nothing until the test drains it, and what was read of the source for it. */
function startPreview({ idleMs = 60_000 } = {}) {
  const gone = new AbortController()
  const reads: number[] = []
  const res = Object.assign(new EventEmitter(), {
    locals: { log: silentLogger },
    status: () => res,
    set: () => res,
    written: 0,
    write(bytes: Buffer) {
      res.written += bytes.length
      res.emit('written')
      return false
    },
    destroy: () => res.emit('destroyed'),
  })
  const sent = sendPreview({
    req: { method: 'GET', get: () => undefined } as unknown as Request,
    res: res as unknown as Response,
    name: 'a.mp4',
    signal: gone.signal,
    idleMs,
    async read(start, bytes) {
      reads.push(start)
      return { start, size: SIZE, contentType: 'video/mp4', bytes: Buffer.alloc(bytes) }
    },
  })
  const when = (event: string) => new Promise((resolve) => res.once(event, resolve))
  return { reads, res, sent, gone, when }
}

test('the next block is read when the client has taken the one before', async () => {
  const { reads, res, sent, gone, when } = startPreview()
  await when('written')
  expect(reads).toEqual([0])
  res.emit('drain')
  await when('written')
  expect(reads).toEqual([0, res.written - 512 * 1024])
  gone.abort()
  await sent
  expect(reads).toHaveLength(2)
})

test('a client that takes nothing for too long is let go', async () => {
  const { reads, sent, when } = startPreview({ idleMs: 1 })
  await when('destroyed')
  await sent
  expect(reads).toEqual([0])
})
