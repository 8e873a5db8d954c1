import { describe, expect, test } from '@jest/globals'
import { aMedium, aVideo } from '../../testing/fixtures.ts'
import { parseFfprobeOutput } from '../ffprobe-output.ts'
import {
  beforeLastFrames,
  earlierStart,
  lastGroup,
  lastPacketOptions,
  listedFrames,
  parseLastPackets,
  withLastFrames,
} from './last-frames.ts'

/** 62 frames at 30 fps, by the sum of their decoding times. */
const printed = (stream: object = {}, container = 'mov,mp4') =>
  parseFfprobeOutput(
    JSON.stringify({
      streams: [
        {
          ...{ index: 0, codec_type: 'video', nb_frames: '62', duration: '2.066667', start_time: '0.000000' },
          ...{ has_b_frames: 2, ...stream },
        },
      ],
      format: { format_name: container, nb_streams: 1, duration: '2.066667' },
    }),
  )
const info = aMedium({ duration: 2.066667, video: aVideo({ index: 0, fps: 30, duration: 2.066667 }) })
const listed = { index: 0, start: 0, seconds: 2.066667, fps: 30, delay: 2 }
const found = parseLastPackets(
  ['5.966667|1.900000|0.033333|___', '1.966667|1.933333|0.033333|___', '5.933333|1.966667|0.033333|___'].join(
    '\n',
  ),
)

describe('listedFrames', () => {
  test('the frames of an MP4 that are reordered', () => {
    expect(listedFrames(printed(), info)).toMatchObject({ index: 0, seconds: 2.066667, delay: 2 })
  })

  test.each([
    ['without B-frames', printed({ has_b_frames: 0 })],
    ['without an index', printed({ nb_frames: undefined })],
    ['in other containers', printed({}, 'matroska,webm')],
  ])('none %s', (_, output) => expect(listedFrames(output, info)).toBeUndefined())
})

test('no more than the reordered frames are read', () => {
  const from = beforeLastFrames(listed)
  expect(from).toBeCloseTo(1.933, 3)
  expect(lastPacketOptions(listed, from)).toContain('1.933334%+#300')
})

test('frames that are rare at the end are looked for further back', () => {
  expect(earlierStart(found, listed)).toBeUndefined()
  expect(earlierStart(found.slice(1), listed)).toBeCloseTo(1.932, 3)
  expect(earlierStart([], listed)).toBeUndefined()
})

describe('what was read from the last key frame on', () => {
  const packet = (stream_index: number, pts: number) => ({
    ...{
      stream_index,
      pts_time: `${pts}`,
      dts_time: `${pts - 0.1}`,
      duration_time: '0.033333',
      flags: '___',
    },
  })
  const packets = (index: number, count: number) =>
    Array.from({ length: count }, (_, i) => packet(index, 1 + i / 30))

  test('is enough when it holds as many packets as are reordered', () => {
    expect(lastGroup({ packets: packets(0, 3) }, listed)).toHaveLength(3)
    expect(lastGroup({ packets: packets(0, 3) }, listed)?.[0]).toEqual({
      ...{ pts: 1, dts: 0.9, seconds: 0.033333, isDiscarded: false },
    })
  })

  test('is that of the video among the packets of other streams', () => {
    expect(lastGroup({ packets: [...packets(1, 4), ...packets(0, 3)] }, listed)).toHaveLength(3)
  })

  test.each([
    ['of fewer packets', packets(0, 2)],
    ['of a video that is not used', packets(3, 9)],
    ['of more packets than are read', packets(0, 1500)],
    ['of more packets than are read, most of other streams', [...packets(0, 9), ...packets(1, 1491)]],
    ['of nothing', []],
  ])('is not, %s', (_, printed) => {
    expect(lastGroup({ packets: printed }, listed)).toBeUndefined()
  })
})

describe('withLastFrames', () => {
  test('a gap before the last frames', () => {
    expect(withLastFrames(info, found, listed)).toMatchObject({
      duration: 6,
      video: { duration: 6, fps: 10.333, variable_fps: true, peak_fps: 30 },
    })
  })

  test('packets that last until the next one is decoded, as with ffmpeg 9', () => {
    const until = found.map((packet) => ({ ...packet, seconds: 3.933333 }))
    expect(withLastFrames(info, until, listed)).toMatchObject({ duration: 6, video: { duration: 6 } })
    const bursts = { ...listed, seconds: 6, fps: 125 / 6 }
    const [first, ...rest] = until.map((packet, i) => ({ ...packet, seconds: i === 0 ? 3.93 : 0.016667 }))
    expect(withLastFrames(info, [...rest, ...(first ? [first] : [])], bursts)).toBeUndefined()
  })

  test('counts from where the container starts', () => {
    const late = { ...listed, start: 1 }
    expect(withLastFrames(info, found, late, 0.5)).toMatchObject({ duration: 5.5, video: { duration: 5 } })
  })

  test('what an edit list discards is not shown', () => {
    const cut = found.map((packet) => ({ ...packet, isDiscarded: packet.pts > 2 }))
    expect(withLastFrames(info, cut, listed)).toBeUndefined()
  })

  test('nothing was found', () => expect(withLastFrames(info, [], listed)).toBeUndefined())
})
