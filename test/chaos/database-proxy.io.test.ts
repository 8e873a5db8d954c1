import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { type DatabaseProxy, startDatabaseProxy } from './database-proxy.ts'

const closing: (() => Promise<unknown> | unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const commit = Buffer.from('C\0\0\0\x0bCOMMIT\0', 'latin1')
const notice = Buffer.from('A\0\0\0\x05x', 'latin1')
const ready = Buffer.from('Z\0\0\0\x05I', 'latin1')

/** A client connected through a proxy to a server that sends what the test writes. */
async function connectThrough(): Promise<{ proxy: DatabaseProxy; client: Socket; server: Socket }> {
  const listener = createServer().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const proxy = await startDatabaseProxy(() => (listener.address() as AddressInfo).port)
  const accepted = once(listener, 'connection')
  const client = connect(proxy.port, '127.0.0.1')
  client.on('error', () => undefined)
  const [server] = (await accepted) as [Socket]
  server.on('error', () => undefined)
  closing.push(
    () => listener.close(),
    () => proxy.close(),
    () => client.destroy(),
  )
  return { proxy, client, server }
}

test('bytes pass both ways', async () => {
  const { client, server } = await connectThrough()
  client.write('hello')
  expect(String((await once(server, 'data'))[0])).toBe('hello')
  server.write(ready)
  expect((await once(client, 'data'))[0]).toEqual(ready)
})

test('notifications can be dropped while the rest passes', async () => {
  const { proxy, client, server } = await connectThrough()
  proxy.dropNotifications(true)
  server.write(Buffer.concat([notice, ready]))
  expect((await once(client, 'data'))[0]).toEqual(ready)
})

test('a confirmation of COMMIT can be kept back, and breaks the connection', async () => {
  const { proxy, client, server } = await connectThrough()
  const received: Buffer[] = []
  client.on('data', (chunk) => received.push(chunk))
  const swallowed = new Promise<void>((resolve) => proxy.swallowCommit(resolve))
  server.write(commit)
  await Promise.all([swallowed, once(client, 'close')])
  expect(received).toEqual([])
})

test('a statement can be kept from the server', async () => {
  const { proxy, client, server } = await connectThrough()
  const received: Buffer[] = []
  server.on('data', (chunk) => received.push(chunk))
  const interrupted = new Promise<void>((resolve) =>
    proxy.interrupt({ statement: 'UPDATE', when: 'before' }, resolve),
  )
  client.write('SELECT')
  await once(server, 'data')
  client.write('UPDATE jobs')
  await Promise.all([interrupted, once(client, 'close')])
  expect(String(Buffer.concat(received))).toBe('SELECT')
})

test('a statement can be kept unconfirmed once its transaction has ended', async () => {
  const { proxy, client, server } = await connectThrough()
  const interrupted = new Promise<void>((resolve) =>
    proxy.interrupt({ statement: 'UPDATE', when: 'after' }, resolve),
  )
  client.write('UPDATE jobs')
  await once(server, 'data')
  const inTransaction = Buffer.from('Z\0\0\0\x05T', 'latin1')
  server.write(inTransaction)
  expect((await once(client, 'data'))[0]).toEqual(inTransaction)
  server.write(ready)
  await Promise.all([interrupted, once(client, 'close')])
  expect(client.bytesRead).toBe(inTransaction.length)
})

test('connections are cut, and refused on demand', async () => {
  const { proxy, client } = await connectThrough()
  proxy.refuse(true)
  await once(client, 'close')
  const second = connect(proxy.port, '127.0.0.1')
  second.on('error', () => undefined)
  await once(second, 'close')
  expect(second.bytesRead).toBe(0)
})
