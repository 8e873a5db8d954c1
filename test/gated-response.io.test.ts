import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { sendGated } from './gated-response.ts'

const data = Buffer.from('0123456789')
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

/** A host whose file is gated at byte 5. */
async function openHost() {
  const gate = Promise.withResolvers<void>()
  const server = createServer((request, response) => {
    void sendGated(data, { gate: 5, opened: gate.promise, contentType: 'text/plain' }, request, response)
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return { get: (range: string) => fetch(url, { headers: { range } }), open: gate.resolve }
}

test('a range before the gate is sent whole', async () => {
  const { get } = await openHost()
  expect(await (await get('bytes=1-4')).text()).toBe('1234')
})

test.each([
  ['starts before the gate and ends at the end of the file', 'bytes=3-', '34', '56789'],
  ['starts at the gate', 'bytes=5-7', '', '567'],
  ['starts after the gate', 'bytes=8-', '', '89'],
])('a range that %s stalls at the gate', async (_, range, before, after) => {
  const { get, open } = await openHost()
  const reader = ((await get(range)).body as ReadableStream<Uint8Array>).getReader()
  let text = ''
  while (text.length < before.length) text += Buffer.from((await reader.read()).value ?? []).toString()
  expect(text).toBe(before)

  const next = reader.read()
  // Everything that was sent before the gate opened has arrived by the time another request is answered.
  await (await get('bytes=0-0')).text()
  expect(await Promise.race([next.then(() => 'more'), Promise.resolve('stalled')])).toBe('stalled')

  open()
  let rest = Buffer.from((await next).value ?? []).toString()
  for (let part = await reader.read(); !part.done; part = await reader.read())
    rest += Buffer.from(part.value).toString()
  expect(rest).toBe(after)
})
