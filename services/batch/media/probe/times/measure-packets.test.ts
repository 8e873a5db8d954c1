import { describe, expect, test } from '@jest/globals'
import { measurePackets } from './measure-packets.ts'

type Claims = Partial<Parameters<typeof measurePackets>[0]>

/** A packet as it is printed, of `stream|pts|dts|duration|flags`: without its size and where it is. */
const asPrinted = (line: string) => line.replace(/^(\d+\|.*)\|([K_].)$/, '$1|N/A|N/A|$2')

const FILE = { container: 'mpegts', bytes: null, streams: 2 }

/** Measures lines of `stream|pts|dts|duration|flags`. Stream 0 is video and stream 1 audio. */
function measured(lines: string[], claims: Claims = {}) {
  const measurement = measurePackets({
    ...FILE,
    video: { index: 0 },
    audio: { index: 1 },
    start: 0,
    duration: undefined,
    ...claims,
  })
  measurement.add(lines.map((line) => `${asPrinted(line)}\n`).join(''))
  return measurement.finish()
}

/** Packets of a stream, one a second, each a key frame. */
const packets = (stream: number, from: number, count: number) =>
  Array.from({ length: count }, (_, i) => `${stream}|${from + i}|${from + i}|1|K_`)

test.each([
  ['timestamps count from the first', ['0|1.0|1.0|0.04|K_', '0|1.04|1.04|0.04|__'], 1, 0.08],
  ['packets may be out of order', ['0|0|0|0.04|K_', '0|0.08|0.04|0.04|__', '0|0.04|0.08|0.04|__'], 0, 0.12],
  ['the last packet may have no duration', ['0|0|0|N/A|K_', '0|2|2|N/A|__'], 0, 2],
  ['without timestamps, durations add up', ['0|N/A|N/A|0.04|K_', '0|N/A|N/A|0.04|__'], undefined, 0.08],
])('a duration is measured by its packets: %s', (_, lines, start, seconds) => {
  expect(measured(lines, { start }).end).toBeCloseTo(seconds, 6)
})

test.each([[[]], [['0|N/A|N/A|N/A|K_']], [['0|0|0|N/A|K_']]])('packets %j have no duration', (lines) => {
  expect(() => measured(lines)).toThrow(expect.objectContaining({ code: 'media.unreadable' }))
})

test('the length runs from the earliest start to the latest end of both streams', () => {
  const map = measured([...packets(0, 2, 4), ...packets(1, 0, 10), '2|500|500|1|K_'])
  expect(map).toMatchObject({
    end: 10,
    video: { start: 2, end: 6, packets: 4 },
    audio: { start: 0, end: 10 },
    continuous: true,
    warnings: [],
  })
})

test('FLAC that was cut off is as long as its header says', () => {
  const claims = { container: 'flac', video: null, duration: 6 }
  expect(measured(packets(1, 0, 4), claims)).toMatchObject({ end: 6, audio: { end: 6 }, warnings: [] })
  expect(measured(packets(1, 0, 8), claims).end).toBe(8)
})

test('output may come in pieces of any size', () => {
  const measurement = measurePackets({
    ...FILE,
    container: 'aac',
    video: null,
    audio: { index: 0 },
    start: undefined,
    duration: 60,
  })
  for (const character of packets(0, 0, 3).map(asPrinted).join('\n')) measurement.add(character)
  expect(measurement.finish()).toMatchObject({ end: 3, warnings: [{ code: 'duration_corrected' }] })
})

test('a source begins with the earliest stream that is used, whatever else starts before', () => {
  expect(measured(packets(0, 5, 3), { start: 1 })).toMatchObject({ origin: 5, shift: 4, end: 3 })
  const claims = { start: 4.9, container: 'matroska' }
  expect(measured(packets(0, 5, 3), claims)).toMatchObject({ origin: 4.9, shift: 0 })
  // To ffmpeg, broadcasts begin with the earliest stream that is used.
  expect(measured(packets(0, 5, 3), { start: 4.9 })).toMatchObject({ origin: 5, end: 3, startsAtUsed: true })
  expect(measured(packets(0, 5, 3), { start: 4.99 })).toMatchObject({ origin: 4.99, shift: 0 })
})

test('a key frame has the time at which it is shown, and the one at which it is decoded', () => {
  const map = measured(['0|10|9.9|0.1|K_', '0|18|10.1|0.1|K_', '0|18.2|18.1|0.1|K_'], { start: 10 })
  expect(map.keyFrames[1]?.shownAt).toBeCloseTo(8)
  expect(map.keyFrames[1]?.decodedAt).toBeCloseTo(0.1)
  expect(map.keyFrames).toHaveLength(2)
})

describe('timestamps that start anew or jump', () => {
  test.each([
    ['start anew', packets(0, 100, 4)],
    ['jump by a minute', packets(0, 164, 4)],
  ])('%s are continued in a transport stream', (_, second) => {
    const map = measured([...packets(0, 100, 4), ...second], { start: 100 })
    expect(map).toMatchObject({
      end: 8,
      continuous: false,
      warnings: [{ code: 'timestamps_jump', at: 4 }],
    })
  })

  test('both streams are continued from one place', () => {
    const half = [...packets(0, 0, 4), ...packets(1, 0, 4)]
    expect(measured([...half, ...half])).toMatchObject({ end: 8, video: { end: 8 }, audio: { end: 8 } })
  })

  test('a gap of some seconds is a gap', () => {
    expect(measured([...packets(0, 0, 4), ...packets(0, 9, 4)])).toMatchObject({ end: 13, continuous: true })
  })

  test('packets of a first file behind the first ones of a second belong to the first', () => {
    const seam = [
      ...[...packets(0, 0, 4), ...packets(1, 0, 2)],
      ...[...packets(0, 0, 1), ...packets(1, 2, 2), ...packets(0, 1, 3), ...packets(1, 0, 4)],
    ]
    expect(measured(seam)).toMatchObject({ end: 8, video: { end: 8 }, audio: { end: 8 }, longestGap: 1 })
  })

  test('gaps of the audio are known', () => {
    expect(
      measured([...packets(0, 5, 9), ...packets(1, 5, 2), ...packets(1, 10, 4)], { start: 5 }),
    ).toMatchObject({
      audioGaps: [{ from: 2, to: 5 }],
      continuous: true,
    })
    expect(measured(packets(1, 0, 4)).audioGaps).toBeUndefined()
  })

  test('elsewhere they are refused, with the second', () => {
    const twice = [...packets(0, 0, 4), ...packets(0, 0, 4)]
    expect(() => measured(twice, { container: 'flv' })).toThrow(
      expect.objectContaining({ code: 'media.unreadable', message: expect.stringContaining('3.0 s') }),
    )
  })

  test('FLAC continues as another file, however short the first is', () => {
    const files = ['1|0|0|0.1|K_', '1|0.1|0.1|0.1|K_', '1|0.2|0.2|0.1|K_', '1|0|0|0.1|K_']
    expect(() => measured(files, { container: 'flac' })).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('after 0.3 s it continues as another file'),
      }),
    )
  })
})

describe('changes of parameters', () => {
  const frames = (channels: number, from: number, count: number) =>
    Array.from({ length: count }, (_, i) => `audio|1|${from + i}|48000|${channels}`)

  test('have their time from the beginning of the source', () => {
    const lines = [...packets(0, 3, 8), ...packets(1, 3, 8), ...frames(2, 3, 4), ...frames(6, 7, 4)]
    expect(measured([...lines, 'video|0|3|320|180', 'video|0|9|640|360'], { start: 3 })).toMatchObject({
      changes: [
        { kind: 'audio', at: 4, from: '2 channels', to: '6 channels' },
        { kind: 'video', at: 6, from: '320x180 pixels', to: '640x360 pixels' },
      ],
      shapes: [
        { from: 0, width: 320, height: 180 },
        { from: 6, width: 640, height: 360 },
      ],
      warnings: [
        {
          code: 'parameters_change',
          message:
            'Its audio changes from 2 channels to 6 channels at 4.0 s; all of it is brought to one format.',
          at: 4,
        },
        { code: 'parameters_change', at: 6 },
      ],
    })
  })

  test('of streams that are not used do not count', () => {
    expect(measured([...packets(1, 0, 8), 'audio|2|0|48000|2', 'audio|2|1|48000|6'])).toMatchObject({
      changes: [],
    })
  })

  test('of the sample rate of raw AAC follow from its headers, and with them its length', () => {
    const measurement = measurePackets({
      ...FILE,
      container: 'aac',
      video: null,
      audio: { index: 1 },
      start: 0,
      duration: 7,
    })
    const lines = [...packets(1, 0, 8).map(asPrinted), ...frames(1, 0, 6), ...frames(2, 6, 2)]
    measurement.add(`${lines.join('\n')}\n`)
    const rates = [
      { rate: 44_100, seconds: 4 },
      { rate: 22_050, seconds: 8 },
    ]
    expect(measurement.finish(rates)).toMatchObject({
      end: 12,
      audio: { start: 0, end: 12 },
      changes: [
        { kind: 'audio', at: 4, from: '44100 Hz', to: '22050 Hz' },
        { kind: 'audio', at: 8, from: '1 channel', to: '2 channels' },
      ],
    })
  })

  test('may have no known time', () => {
    const lines = [...packets(1, 0, 8), 'audio|1|N/A|48000|2', 'audio|1|N/A|48000|6']
    expect(measured(lines).warnings).toEqual([
      {
        code: 'parameters_change',
        message: 'Its audio changes from 2 channels to 6 channels; all of it is brought to one format.',
      },
    ])
  })
})
