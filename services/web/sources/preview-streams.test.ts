import { expect, test } from '@jest/globals'
import { createPreviewStreams } from './preview-streams.ts'

test("a user's oldest preview ends for the newest", () => {
  const streams = createPreviewStreams({ perUser: 2, inAll: 10 })
  const [first, second] = [streams.open('ada'), streams.open('ada')]
  const third = streams.open('ada')
  expect([first, second, third].map(({ signal }) => signal.aborted)).toEqual([true, false, false])
})

test('one that has been closed makes space', () => {
  const streams = createPreviewStreams({ perUser: 2, inAll: 10 })
  const first = streams.open('ada')
  const second = streams.open('ada')
  second.close()
  second.close()
  streams.open('ada')
  expect(first.signal.aborted).toBe(false)
})

test('when there are too many in all, who has most gives way to who has fewer, and nobody else', () => {
  const streams = createPreviewStreams({ perUser: 6, inAll: 3 })
  const [oldest, next] = [streams.open('ada'), streams.open('ada'), streams.open('ada')]
  const other = streams.open('eve')
  expect([oldest, next, other].map((stream) => stream?.signal.aborted)).toEqual([true, false, false])
  expect(() => streams.open('eve')).toThrow('Too many previews are open')
})
