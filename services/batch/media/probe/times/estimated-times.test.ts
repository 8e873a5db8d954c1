import { expect, test } from '@jest/globals'
import { hasEstimatedTimes } from './estimated-times.ts'

const FORMAT = { format_name: 'mov,mp4,m4a,3gp,3g2,mj2', start_time: 0, duration: 6, nb_streams: 2 }
const USED = { video: { index: 0, duration: 6 }, audio: { index: 1, duration: 6 } } as never

type Counted = { nb_frames?: number; avg_frame_rate?: string }

/** Whether the times of an MP4 whose streams are counted so are estimates. */
const isEstimated = (video: Counted, audio: Counted) => {
  const streams = [video, audio].map((stream, index) => ({ index, duration: 6, ...stream }))
  return hasEstimatedTimes({ format: FORMAT, streams } as never, USED, '')
}

const VIDEO = { nb_frames: 180, avg_frame_rate: '30/1' }
const AUDIO = { nb_frames: 260, avg_frame_rate: '0/0' }

test('an index that lists every frame is trusted', () => {
  expect(isEstimated(VIDEO, AUDIO)).toBe(false)
  expect(isEstimated({ nb_frames: 7, avg_frame_rate: '7/6' }, AUDIO)).toBe(false)
})

test.each([
  ['no frame', { avg_frame_rate: '921600/30839' }, {}],
  ['the first fragment', { nb_frames: 30, avg_frame_rate: '921600/30839' }, AUDIO],
  ['no frame of the audio', VIDEO, { avg_frame_rate: '0/0' }],
])('an index that lists %s is not', (_, video, audio) => {
  expect(isEstimated(video, audio)).toBe(true)
})

test.each([
  [128_000, 128_500, false],
  [128_000, 134_000, true],
  [undefined, 134_000, false],
])('MP3 whose frames take %s bit/s and whose bytes %s', (bit_rate, of_all, estimated) => {
  const format = { ...FORMAT, format_name: 'mp3', bit_rate: of_all }
  const used = { video: null, audio: { index: 0, duration: 6 } } as never
  expect(hasEstimatedTimes({ format, streams: [{ index: 0, bit_rate }] } as never, used, '')).toBe(estimated)
})

test.each([
  ['a transport stream', 'mpegts', '', true],
  ['Flash Video', 'flv', '', true],
  ['Ogg, of which several may follow each other', 'ogg', '', true],
  ['FLAC, to which another may have been joined', 'flac', '', false],
  ['MP3 with a header', 'mp3', '', false],
  ['MP3 that was cut off', 'mp3', '[mp3 @ 0x55] filesize and duration do not match (growing file?)', true],
])('the length of %s', (_, format_name, warnings, estimated) => {
  const format = { ...FORMAT, format_name }
  expect(hasEstimatedTimes({ format, streams: [] } as never, USED, warnings)).toBe(estimated)
})

/** Whether the times of a Matroska file are estimates: the duration of the whole, and the one that the tags of its video state. */
const isEstimatedMatroska = (duration: number, tagged: string | undefined) => {
  const format = { ...FORMAT, format_name: 'matroska,webm', duration }
  const streams = [{ index: 0, tags: { ...(tagged && { DURATION: tagged }) } }]
  const used = { video: { index: 0, duration: tagged ? 6 : null }, audio: null } as never
  return hasEstimatedTimes({ format, streams } as never, used, '')
}

test.each([
  ['the same', 6, '00:00:06.033000000', false],
  ['longer', 9, '00:00:06.000000000', true],
  ['shorter', 3, '00:00:06.000000000', true],
  ['the only one', 6, undefined, true],
])('Matroska that states a duration of the whole which is %s', (_, duration, tagged, estimated) => {
  expect(isEstimatedMatroska(duration, tagged)).toBe(estimated)
})
