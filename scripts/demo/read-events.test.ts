import { expect, test } from '@jest/globals'
import { readEvents, type ServerEvent } from './read-events.ts'

/** The events of a body that comes in these chunks. */
async function read(...chunks: (string | Uint8Array)[]): Promise<ServerEvent[]> {
  async function* body() {
    for (const chunk of chunks) yield Buffer.from(chunk)
  }
  const events = []
  for await (const event of readEvents({ body: body() })) events.push(event)
  return events
}

test('an event is its name and its data, however the bytes are cut', async () => {
  const bytes = Buffer.from('id: 1\nevent: task\ndata: {"ü":1}\n\n')
  expect(await read(...[...bytes].map((byte) => Uint8Array.of(byte)))).toEqual([
    { event: 'task', data: '{"ü":1}' },
  ])
})

test('several lines of data are one text, and an event without a name is a message', async () => {
  expect(await read('data: a\ndata: b\n\n')).toEqual([{ event: 'message', data: 'a\nb' }])
})

test('comments that keep a connection alive are no events, nor is one that was cut off', async () => {
  expect(await read(': ping\n\n', 'data: half')).toEqual([])
})
