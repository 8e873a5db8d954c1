import { describe, expect, test } from '@jest/globals'
import { someLimits } from '../testing/fixtures.ts'
import { parseProbe } from './parse-probe.ts'

const videoStream = {
  index: 0,
  codec_type: 'video',
  codec_name: 'h264',
  width: 1920,
  height: 1080,
  sample_aspect_ratio: '1:1',
  pix_fmt: 'yuv420p',
  field_order: 'progressive',
  color_space: 'bt709',
  r_frame_rate: '24/1',
  avg_frame_rate: '24/1',
  duration: '30.000000',
  bit_rate: '5000000',
  nb_frames: '720',
  disposition: { default: 1, attached_pic: 0 },
}
const audioStream = {
  index: 1,
  codec_type: 'audio',
  codec_name: 'aac',
  sample_rate: '48000',
  channels: 2,
  duration: '30.016000',
  disposition: { default: 1 },
}
const coverArt = {
  ...videoStream,
  index: 2,
  codec_name: 'mjpeg',
  disposition: { default: 0, attached_pic: 1 },
}

const printed = (streams: object[], format: object = {}) =>
  JSON.stringify({
    streams,
    format: {
      format_name: 'mov,mp4,m4a,3gp,3g2,mj2',
      nb_streams: streams.length,
      duration: '30.016000',
      size: '123',
      ...format,
    },
  })
const parse = (streams: object[], format?: object) => parseProbe(printed(streams, format), someLimits)

describe('parseProbe', () => {
  test('describes the video, the audio and the container', () => {
    expect(parse([videoStream, audioStream])).toEqual({
      container: 'mov,mp4,m4a,3gp,3g2,mj2',
      duration: 30.016,
      bytes: 123,
      bit_rate: null,
      streams: 2,
      video: {
        index: 0,
        codec: 'h264',
        width: 1920,
        height: 1080,
        display_width: 1920,
        display_height: 1080,
        rotation: 0,
        mirrored: false,
        fps: 24,
        variable_fps: false,
        pixel_format: 'yuv420p',
        matrix: 'bt709',
        hdr: false,
        transfer: null,
        primaries: null,
        interlaced: false,
        alpha: false,
        duration: 30,
        bit_rate: 5_000_000,
        frames: 720,
      },
      audio: { index: 1, codec: 'aac', channels: 2, sample_rate: 48_000, duration: 30.016, bit_rate: null },
    })
  })

  test.each([
    ['a quarter turn swaps width and height', { side_data_list: [{ rotation: -90 }] }, 90, '1080x1920'],
    ['a half turn keeps them', { side_data_list: [{ rotation: 180 }] }, 180, '1920x1080'],
    [
      'wide pixels widen the display',
      { width: 720, height: 576, sample_aspect_ratio: '64:45' },
      0,
      '1024x576',
    ],
    [
      'wide pixels heighten rotated video',
      { width: 720, height: 576, sample_aspect_ratio: '64:45', side_data_list: [{ rotation: 90 }] },
      270,
      '576x1024',
    ],
    ['unknown pixels are square', { sample_aspect_ratio: '0:1' }, 0, '1920x1080'],
  ])('%s', (_, more, rotation, displaySize) => {
    const { video } = parse([{ ...videoStream, ...more }])
    expect(video?.rotation).toBe(rotation)
    expect(`${video?.display_width}x${video?.display_height}`).toBe(displaySize)
  })

  const matrix = (a: number, b: number, c: number, d: number) => ({
    side_data_list: [
      {
        rotation: 0,
        displaymatrix: `\n00000000: ${a} ${b} 0\n00000001: ${c} ${d} 0\n00000002: 0 0 1073741824\n`,
      },
    ],
  })
  test.each([
    ['upright', matrix(65536, 0, 0, 65536), 0, false],
    ['a quarter turn clockwise', matrix(0, 65536, -65536, 0), 90, false],
    ['a half turn', matrix(-65536, 0, 0, -65536), 180, false],
    ['a quarter turn counterclockwise', matrix(0, -65536, 65536, 0), 270, false],
    ['mirrored left to right', matrix(-65536, 0, 0, 65536), 0, true],
    ['mirrored top to bottom', matrix(65536, 0, 0, -65536), 180, true],
    ['mirrored along the diagonal', matrix(0, 65536, 65536, 0), 90, true],
    ['mirrored along the other diagonal', matrix(0, -65536, -65536, 0), 270, true],
  ])('a display matrix means %s', (_, more, rotation, mirrored) => {
    expect(parse([{ ...videoStream, ...more }]).video).toMatchObject({ rotation, mirrored })
  })

  test.each([
    ['25/1', '25/1'],
    ['50/1', '25/1'],
  ])('raw video has an even rate, also where ffmpeg 7 states that of fields, %s', (nominal, average) => {
    const rates = { r_frame_rate: nominal, avg_frame_rate: average }
    const { video } = parse([{ ...videoStream, ...rates }], { format_name: 'h264' })
    expect(video).toMatchObject({ fps: 25, variable_fps: false })
    expect(video?.peak_fps).toBeUndefined()
  })

  test('the frame rate is variable when the two rates differ', () => {
    const { video } = parse([{ ...videoStream, r_frame_rate: '30/1', avg_frame_rate: '6000/251' }])
    expect(video).toMatchObject({ fps: 23.904, variable_fps: true })
  })

  test.each([
    ['of fragmented MP4, whose audio is longer', '30/1', '120000/4021', 30],
    ['where the last frame lasts 0 s', '30/1', '2500/83', 30],
    ['of NTSC', '30/1', '30000/1001', 29.97],
    ['that no broadcast has', '1000/1', '0/0', 1000],
    ['of a time lapse', '12/1', '1201/100', 12.01],
  ])('the rate of even frames is exact: %s', (_, nominal, average, fps) => {
    const { video } = parse([{ ...videoStream, r_frame_rate: nominal, avg_frame_rate: average }])
    expect(video).toMatchObject({ fps, variable_fps: false })
  })

  test.each([
    ['with ffmpeg 5', '181/12', '1.990000'],
    ['with ffmpeg 7', '50/3', '2.000000'],
    ['with ffmpeg 7, made by ffmpeg 5', '50/3', '1.990000'],
  ])('delays of whole hundredths do not change the frame rate of a GIF, %s', (_, average, duration) => {
    const rates = { r_frame_rate: '15/1', avg_frame_rate: average, nb_frames: '30', duration }
    const { video } = parse([{ ...videoStream, codec_name: 'gif', ...rates }])
    expect(video?.variable_fps).toBe(false)
    expect(video?.fps).toBeCloseTo(15, 0)
  })

  test('the frame rate of an uneven GIF is that of its frames', () => {
    const rates = { r_frame_rate: '50/1', avg_frame_rate: '100/7', nb_frames: '30', duration: '3.000000' }
    const { video } = parse([{ ...videoStream, codec_name: 'gif', ...rates }])
    expect(video).toMatchObject({ fps: 10, variable_fps: true })
  })

  test.each(['smpte2084', 'arib-std-b67'])('%s is HDR', (color_transfer) => {
    expect(parse([{ ...videoStream, color_transfer }]).video?.hdr).toBe(true)
  })

  test.each([
    ['rawvideo', '[0][0][0][0]', false],
    ['huffyuv', 'HFYU', false],
    ['rawvideo', 'BGRA', true],
    ['utvideo', 'ULRA', true],
    ['png', 'png ', true],
  ])('whether the fourth byte of %s tagged %s is alpha: %s', (codec_name, codec_tag_string, alpha) => {
    const { video } = parse([{ ...videoStream, pix_fmt: 'bgra', codec_name, codec_tag_string }])
    expect(video?.alpha).toBe(alpha)
  })

  test.each([
    ['dvvideo', 'unknown', true],
    ['dvvideo', 'progressive', false],
    ['h264', 'unknown', false],
    ['h264', 'tt', true],
  ])('whether %s of field order %s is interlaced: %s', (codec_name, field_order, interlaced) => {
    expect(parse([{ ...videoStream, codec_name, field_order }]).video?.interlaced).toBe(interlaced)
  })

  test.each([
    [5, 0, 5],
    [10, 0, 10],
    [10, 1, undefined],
    [8, 4, undefined],
    [7, 6, undefined],
  ])(
    'Dolby Vision of profile %s, compatible with %s, has colours of its own: %s',
    (profile, compatible, found) => {
      const side = { dv_profile: profile, dv_bl_signal_compatibility_id: compatible }
      const { video } = parse([{ ...videoStream, side_data_list: [{ rotation: 0 }, side] }])
      expect(video?.dolby_vision).toBe(found)
    },
  )

  test('a crop that a container asks for is noticed', () => {
    const side_data_list = [{ side_data_type: 'Frame Cropping', crop_left: 32 }]
    expect(parse([{ ...videoStream, side_data_list }]).video?.ignored_crop).toBe(true)
    expect(parse([videoStream]).video).not.toHaveProperty('ignored_crop')
  })

  test('cover art is not video', () => {
    expect(parse([coverArt, audioStream]).video).toBeNull()
  })

  test('of two video streams the default one counts', () => {
    const second = { ...videoStream, index: 5, width: 640, height: 360 }
    expect(parse([{ ...videoStream, disposition: { default: 0 } }, second]).video?.index).toBe(5)
    expect(parse([videoStream, second]).video?.index).toBe(0)
  })

  test('of a single frame in Matroska, the tag tells from the whole', () => {
    const still = { ...videoStream, duration: '10.423000', tags: { DURATION: '00:00:00.056000000' } }
    expect(parse([still, audioStream]).video?.duration).toBe(0.056)
  })

  test('Matroska states durations in tags', () => {
    const { video } = parse([
      { ...videoStream, duration: undefined, tags: { DURATION: '00:01:02.500000000' } },
    ])
    expect(video?.duration).toBe(62.5)
  })

  test.each([
    ['no stream at all', [], {}, 'media.unreadable'],
    ['subtitles alone', [{ index: 0, codec_type: 'subtitle', codec_name: 'subrip' }], {}, 'media.unreadable'],
    ['an unsupported codec', [{ ...videoStream, codec_name: 'magicyuv' }], {}, 'media.unreadable'],
    ['video without a frame size', [{ ...videoStream, width: 0 }], {}, 'media.unreadable'],
    ['video of 65535x65535', [{ ...videoStream, width: 65535, height: 65535 }], {}, 'media.limits'],
    [
      'pixels a thousand times as wide as high',
      [{ ...videoStream, sample_aspect_ratio: '1000:1' }],
      {},
      'media.limits',
    ],
    ['a claim of a billion seconds', [videoStream], { duration: '1000000000' }, 'media.limits'],
    ['a thousand streams', [videoStream], { nb_streams: 1000 }, 'media.limits'],
  ])('%s is refused for good', (_, streams, format, code) => {
    expect(() => parse(streams, format)).toThrow(expect.objectContaining({ code, retry: false }))
  })

  test('says where the content starts, but for 0', () => {
    expect(parse([videoStream], { start_time: '0.1333333' }).start).toBe(0.133333)
    expect(parse([videoStream], { start_time: '0.000000' })).not.toHaveProperty('start')
  })

  test('a duration that is counted from long before the content is no reason to refuse it', () => {
    const format = { start_time: '1764000000.000000', duration: '1764000030.016000' }
    expect(parse([videoStream], format)).toMatchObject({ start: 1_764_000_000, duration: 1_764_000_030.016 })
  })

  test('a guess of a billion seconds is not believed', () => {
    const format = { duration: '1000000000', format_name: 'mpegts' }
    expect(parse([videoStream], format).duration).toBe(1e9)
  })

  test.each(['', '{', '{}', '[]', 'null'])('%j is unreadable', (text) => {
    expect(() => parseProbe(text, someLimits)).toThrow(expect.objectContaining({ code: 'media.unreadable' }))
  })
})

describe('a stream that is announced and not there', () => {
  test('is not chosen before another one', () => {
    const unsent = [
      { ...videoStream, width: 0, height: 0 },
      { ...audioStream, channels: 0 },
    ]
    const second = { index: 2, disposition: { default: 0 } }
    const third = { index: 3, disposition: { default: 0 } }
    const sent = [
      { ...videoStream, ...second },
      { ...audioStream, ...third },
    ]
    expect(parse([...unsent, ...sent])).toMatchObject({ video: { index: 2 }, audio: { index: 3 } })
  })

  test('is refused, or left out, where it is the only one', () => {
    expect(() => parse([{ ...videoStream, width: 0, height: 0 }])).toThrow('its video has no frame size')
    expect(parse([videoStream, { ...audioStream, channels: 0 }]).audio).toBeNull()
  })
})

describe('a track to which nothing was written', () => {
  const empty = { ...audioStream, nb_frames: undefined }
  const written = { ...audioStream, index: 2, nb_frames: '88', disposition: { default: 0 } }

  test('is not chosen where an MP4 counts frames of another one', () => {
    expect(parse([videoStream, empty, written]).audio?.index).toBe(2)
    const video = { ...videoStream, index: 2, disposition: { default: 0 } }
    expect(parse([{ ...videoStream, nb_frames: undefined }, audioStream, video]).video?.index).toBe(2)
  })

  test('is not recognized where none is counted, or in other containers', () => {
    expect(parse([videoStream, empty, { ...written, nb_frames: undefined }]).audio?.index).toBe(1)
    expect(parse([videoStream, empty, written], { format_name: 'mpegts' }).audio?.index).toBe(1)
  })
})

describe('several audio tracks', () => {
  const unknown = { ...audioStream, codec_name: undefined, codec_tag_string: 'apac' }
  test('the first readable one is used, although another is the default', () => {
    const second = { ...audioStream, index: 2, disposition: { default: 0 } }
    expect(parse([videoStream, unknown, second]).audio).toMatchObject({ index: 2, codec: 'aac' })
  })

  test('are reported, with what is used and what is not', () => {
    const english = { ...audioStream, tags: { language: 'eng' } }
    const others = [
      { ...audioStream, index: 2, tags: { language: 'deu' } },
      { ...unknown, index: 3, tags: { language: 'und' } },
    ]
    expect(parse([videoStream, english, ...others]).warnings).toEqual([
      {
        code: 'audio_track_ignored',
        message:
          'It has 3 audio tracks: stream 1 (eng) is used, and stream 2 (deu) and stream 3 (unsupported codec) are ignored.',
      },
    ])
    expect(parse([videoStream, english]).warnings).toBeUndefined()
  })

  test('none of which is readable are refused by the tag of the first', () => {
    expect(() => parse([videoStream, unknown])).toThrow('the codec apac is not supported')
  })

  test('of known codecs that are not supported are refused by the codec, also where no channels are known', () => {
    const codec_name = 's302m'
    expect(() => parse([videoStream, { ...audioStream, codec_name, channels: 0 }])).toThrow(
      'the codec s302m is not supported',
    )
    const second = { ...audioStream, index: 2, disposition: { default: 0 } }
    expect(parse([videoStream, { ...audioStream, codec_name }, second])).toMatchObject({
      audio: { index: 2 },
      warnings: [{ message: expect.stringContaining('stream 1 (unsupported codec) is ignored') }],
    })
  })

  test('without a printable tag are refused as unknown', () => {
    const untagged = { ...unknown, codec_tag_string: '[0][0][0][0]' }
    expect(() => parse([videoStream, untagged])).toThrow('the codec unknown is not supported')
  })
})

describe('several video tracks', () => {
  const magic = { ...videoStream, codec_name: 'magicyuv' }
  const second = { ...videoStream, index: 2, disposition: { default: 0 } }

  test('the first readable one is used, although another is the default, and what was skipped is reported', () => {
    expect(parse([magic, audioStream, second])).toMatchObject({
      video: { index: 2, codec: 'h264' },
      warnings: [
        {
          code: 'video_track_ignored',
          message: 'It has 2 video tracks: stream 2 is used, and stream 0 (unsupported codec) is ignored.',
        },
      ],
    })
  })

  test('are not reported where the first is used', () => {
    expect(parse([videoStream, audioStream, { ...magic, index: 2 }, coverArt]).warnings).toBeUndefined()
  })

  test('none of which is readable are refused by the codec of the default one', () => {
    expect(() => parse([magic, audioStream, { ...second, width: 0 }])).toThrow('the codec magicyuv')
  })
})
