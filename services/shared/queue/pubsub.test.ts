import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { silentLogger } from '../observability/logger.ts'
import { createPubSubQueue } from './pubsub.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** Listens on a port and passes every connection to `greet`. */
async function openPort(greet: (socket: Socket) => void): Promise<string> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined))
    greet(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

test.each<[string, (socket: Socket) => void]>([
  ['never responds', () => undefined],
  ['closes the connection', (socket) => socket.destroy()],
])('publishing to a server that %s fails as queue.unavailable within the timeout', async (_, greet) => {
  const emulator = await openPort(greet)
  const queue = createPubSubQueue({ project: 'p', topic: 't', log: silentLogger, emulator, timeoutMs: 500 })
  await expect(queue.publish(randomUUID())).rejects.toMatchObject({
    code: 'queue.unavailable',
    retry: true,
    cause: expect.any(Error),
  })
  await queue.close()
})

test('close waits for a publish in flight to succeed or fail', async () => {
  const emulator = await openPort(() => undefined)
  const queue = createPubSubQueue({ project: 'p', topic: 't', log: silentLogger, emulator, timeoutMs: 300 })
  const ends: string[] = []
  const publishing = queue.publish(randomUUID()).catch(() => ends.push('publish'))
  await queue.close().then(() => ends.push('close'))
  await publishing
  expect(ends).toEqual(['publish', 'close'])
})
