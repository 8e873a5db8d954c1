import { expect, test } from '@jest/globals'
import { type ServerEvent, sseParser } from './sse.ts'

function eventsOf(...parts: string[]): ServerEvent[] {
  const events: ServerEvent[] = []
  const feed = sseParser((event) => events.push(event))
  for (const part of parts) feed(part)
  return events
}

test('an event ends with an empty line, however the text is divided', () => {
  const text = ': comment\nevent: open\nid: 7\ndata: {"a":1}\n\n'
  const event = { event: 'open', id: '7', data: '{"a":1}' }
  expect(eventsOf(text)).toEqual([event])
  expect(eventsOf(...text)).toEqual([event])
  expect(eventsOf(text.replaceAll('\n', '\r\n'))).toEqual([event])
  expect(eventsOf(...text.replaceAll('\n', '\r\n'))).toEqual([event])
})

test('lines of data are joined; an event without data, or without its end, is none', () => {
  expect(eventsOf('data:a\ndata: b\n\nevent: x\n\ndata: unfinished')).toEqual([
    { event: 'message', data: 'a\nb', id: undefined },
  ])
})
