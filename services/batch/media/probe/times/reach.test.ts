import { expect, test } from '@jest/globals'
import { trackReach } from './reach.ts'

const MB = 1_000_000
const FILE = { container: 'mpegts', bytes: 10 * MB, streams: 2, video: { index: 0 }, audio: { index: 1 } }

/** A file in which the last packets of streams 0 and 1 are at `end`, and the first of stream 2 at `other`. */
function read(
  end: number,
  { other = 0, streams = 2, ...file }: Partial<typeof FILE> & { other?: number } = {},
) {
  const reach = trackReach({ ...FILE, ...file })
  reach.addPacket(0, 0, 1000)
  if (other > 0) reach.addPacket(2, other, 1000)
  reach.addPacket(1, end, 1000)
  reach.setStreams(streams)
  return () => reach.requireWhole(3)
}

test.each([
  ['a transport stream to its end', read(9.9 * MB)],
  ['one with a further stream from the middle on', read(9.9 * MB, { streams: 3 })],
  ['one that ends with something else than streams', read(5 * MB)],
  ['one whose unused streams last longer', read(5 * MB, { other: 0.1 * MB })],
  ['FLV to its end', read(9.9 * MB, { container: 'flv' })],
  ['a file of which nobody knows the size', read(5 * MB, { bytes: null as never, streams: 4 })],
])('%s is whole', (_, requireWhole) => expect(requireWhole).not.toThrow())

test.each([
  ['streams that were found far into the file', read(5 * MB, { streams: 4 })],
  ['a stream that begins where the used ones end', read(5 * MB, { other: 5.1 * MB })],
  ['more FLV', read(5 * MB, { container: 'flv' })],
])('a file that goes on with %s is not', (_, requireWhole) => {
  expect(requireWhole).toThrow(
    expect.objectContaining({ code: 'media.unreadable', message: expect.stringContaining('after 3.0 s') }),
  )
})
