import { expect, test } from '@jest/globals'
import { createEventStreams } from './event-streams.ts'

const limits = { perUser: 4, perTask: 2, inAll: 6 }
const refused = (code: string) => expect.objectContaining({ code, headers: { 'Retry-After': '5' } })

test('a task and a user have so many streams, until some are closed', () => {
  const streams = createEventStreams(limits)
  const first = streams.open('ada', 'a')
  streams.open('ada', 'a')
  expect(() => streams.open('ada', 'a')).toThrow(refused('request.rate_limited'))
  streams.open('ada', 'b')
  streams.open('ada', 'b')
  expect(() => streams.open('ada', 'c')).toThrow(refused('request.rate_limited'))
  first.close()
  first.close()
  streams.open('ada', 'c')
  expect(() => streams.open('ada', 'd')).toThrow(refused('request.rate_limited'))
})

test('when there are too many in all, the user with most gives up the oldest', () => {
  const streams = createEventStreams(limits)
  const eve = ['a', 'b', 'c', 'd'].map((task) => streams.open('eve', task))
  const bob = [streams.open('bob', 'a'), streams.open('bob', 'b')]
  const ada = streams.open('ada', 'a')
  expect(eve.map(({ signal }) => signal.aborted)).toEqual([true, false, false, false])
  streams.open('ada', 'b')
  expect(eve.map(({ signal }) => signal.aborted)).toEqual([true, true, false, false])
  // Now all have two.
  expect(() => streams.open('ada', 'c')).toThrow(refused('service.busy'))
  expect([ada, ...bob].some(({ signal }) => signal.aborted)).toBe(false)
  // A stream that has ended is not counted twice.
  eve[0]?.close()
  expect(() => streams.open('ada', 'c')).toThrow(refused('service.busy'))
})
