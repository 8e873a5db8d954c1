import { describe, expect, test } from '@jest/globals'
import type { ReportedStream } from '../plan/types.ts'
import type { TimeMap } from '../probe/times/time-map.ts'
import { anInput } from '../testing/plans.ts'
import { findGaps, findMiddleGaps, type Gap, packetsFill, shouldFill } from './unfilled-gaps.ts'

/** A stream from whose 100 s a clip takes 5 s from 20 s on. */
const aStream = (more: Partial<ReportedStream> = {}): ReportedStream => ({
  id: '0-video',
  kind: 'video',
  source: 0,
  file: anInput('0.ts'),
  index: 0,
  range: { start: 20, seconds: 5, whole: false },
  offset: 0,
  fps: 30,
  ...more,
})
const audio = aStream({ id: '0-audio', kind: 'audio' })

/** The times between two at which frames are reported. */
const oneASecond = (first: number, last: number): number[] =>
  Array.from({ length: 100 }, (_, i) => Math.floor(first) + 1 + i).filter(
    (time) => time > first && time < last,
  )

const gapsOf = (stream: ReportedStream, times: number[]) =>
  findGaps([stream], new Map([[stream.id, times]])).map(({ at, from, to }) => [at, from, to])

describe('findGaps', () => {
  test.each([
    ['frames from before the clip to its end', aStream(), -0.8, 4.97, []],
    ['audio that starts with a delayed packet', audio, 0.02, 4.98, []],
    ['slow frames', aStream({ fps: 5 }), 0, 4.7, []],
    ['decoding that began too late', aStream(), 1.1, 4.97, [['start', 20, 21.1]]],
    ['video that ended within the last half second', aStream(), 0, 4.6, [['end', 24.61, 25]]],
    ['video that ended just before the last half second', aStream(), 0, 4, [['end', 24.5, 25]]],
    ['audio that ended earlier, when one frame a second is reported', audio, 0, 2, [['end', 23, 25]]],
    ['audio in long frames', { ...audio, sampleRate: 8000 }, 0, 4.5, []],
    ['frames of a clip whose beginning is left out', aStream({ offset: 60 }), 59.2, 64.97, []],
    ['frames behind the clip alone', aStream(), 7, 7, [['start', 20, 25]]],
  ])('%s', (_, stream, first, last, gaps) => {
    expect(gapsOf(stream, [first, ...oneASecond(first, last), last])).toEqual(gaps)
  })

  test.each([
    ['frames from before the clip alone, and behind it', [-6, -5.2, -4, -3, -2, -1, 5], [20, 25]],
    ['one from shortly before the clip', [-1.9, -0.4, 3, 4, 4.5, 4.98], [20.6, 23]],
    ['one that was still shown when the next came', [-0.4, 0.6, 1, 2, 3, 4, 4.5, 4.98], undefined],
  ])('%s', (_, times, held) => {
    expect(gapsOf(aStream(), times).slice(0, 1)).toEqual(held ? [['start', ...held]] : [])
  })

  test('a frame behind the clip does not make up for its end', () => {
    expect(gapsOf(aStream(), [0, 1, 2, 5])).toEqual([['end', 23, 25]])
  })

  test('a stream without any frame is all gap', () => {
    expect(findGaps([audio], new Map())).toMatchObject([
      { at: 'start', from: 20, to: 25 },
      { at: 'end', from: 21, to: 25 },
    ])
  })
})

test.each([
  ['none where one frame a second is reported', [-1, 0.5, 1, 2, 3, 4, 4.6], []],
  ['none for a slow source', [0.9, 1.8, 2.7, 3.6, 4.5], []],
  ['one where no frame came for longer', [0, 1, 3.5, 4, 4.6], [['middle', 22, 23.5]]],
  ['none outside of the clip', [-9, -4, 0, 1, 2, 3, 4, 4.6, 9], []],
])('gaps in the middle: %s', (_, times, gaps) => {
  const found = findMiddleGaps([aStream()], new Map([['0-video', times]]))
  expect(found.map(({ at, from, to }) => [at, from, to])).toEqual(gaps)
})

const aMap = (more: Partial<TimeMap> = {}): TimeMap => ({
  video: { start: 0, end: 100, packets: 3000 },
  audio: { start: 0, end: 100, packets: 4700 },
  end: 100,
  origin: 1.4,
  shift: 0,
  keyFrames: [{ shownAt: 0, decodedAt: 0 }],
  changes: [],
  hasTimestamps: true,
  continuous: true,
  warnings: [],
  ...more,
})

const head = (to: number, stream = aStream()): Gap => ({ stream, at: 'start', from: 20, to })
const heldHead = (to: number, stream = aStream()): Gap => ({ ...head(to, stream), held: true })
const tail = (from: number, stream = aStream()): Gap => ({ stream, at: 'end', from, to: 25 })
const measured = (times: Partial<TimeMap>, stream = aStream()) => ({ ...stream, times: aMap(times) })

describe('shouldFill', () => {
  test.each([
    ['without a map the file is asked', head(21), undefined],
    ['video that is there', head(21, measured({})), true],
    ['video that begins later', head(21, measured({ video: { start: 21, end: 100, packets: 9 } })), false],
    [
      'video before the first key frame',
      head(21, measured({ keyFrames: [{ shownAt: 21, decodedAt: 21 }] })),
      false,
    ],
    ['audio that is there', tail(22, measured({}, audio)), true],
    [
      'audio that ends there',
      tail(22, measured({ audio: { start: 0, end: 22.1, packets: 9 } }, audio)),
      false,
    ],
    ['audio that has a gap there', tail(22, measured({ audioGaps: [{ from: 21.9, to: 40 }] }, audio)), false],
    ['audio with a gap elsewhere', tail(22, measured({ audioGaps: [{ from: 5, to: 22.1 }] }, audio)), true],
    ['audio whose gap ends there', head(21, measured({ audioGaps: [{ from: 5, to: 21 }] }, audio)), false],
    ['a stream without packets', tail(22, measured({ audio: null }, audio)), false],
    ['video that may stand still', tail(22, measured({})), undefined],
    ['video that may stand still from before the clip', heldHead(22, measured({})), undefined],
    ['video that has ended', tail(22, measured({ video: { start: 0, end: 22.1, packets: 9 } })), false],
    ['video that may stand still, and cannot be sought', tail(22, measured({ continuous: false })), false],
  ])('%s', (_, gap, answer) => {
    expect(shouldFill(gap)).toBe(answer)
  })
})

describe('packetsFill', () => {
  const packets = (...times: number[]) => times.map((shownAt, i) => ({ shownAt, isKey: i === 0 }))
  test.each([
    ['video that was on screen before the gap', head(21), packets(18, 18.5, 21), true],
    ['video that begins behind the gap', head(21), packets(20.98, 21.1), false],
    ['nothing', head(21), [], false],
    ['audio inside the gap', head(21, audio), packets(19.9, 20.02, 20.04), true],
    ['audio before and behind the gap', head(21, audio), packets(19.9, 21), false],
    ['video that was replaced by a frame from before the clip', heldHead(22), packets(18, 20.4, 22), true],
    ['a still scene that began before the clip', heldHead(22), packets(18, 22), false],
    ['video at the end', tail(22), packets(21.9, 23), true],
    ['a still scene at the end', tail(22), packets(21.9), false],
    ['the last frame of the clip', tail(22), packets(21.9, 24.9), false],
    ['audio at the end', tail(22, audio), packets(22.1, 22.12), true],
  ])('%s', (_, gap, found, fills) => {
    expect(packetsFill(gap, found)).toBe(fills)
  })

  test('frames before the first key frame cannot be shown', () => {
    const found = [20, 20.5, 20.99].map((shownAt, i) => ({ shownAt, isKey: i === 2 }))
    expect(packetsFill(head(21), found)).toBe(false)
  })
})
