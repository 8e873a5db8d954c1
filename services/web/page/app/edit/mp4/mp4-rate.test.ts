import { expect, test } from '@jest/globals'
import { mp4Rate } from './mp4-rate.ts'
import { box, fileOf as file, trackOf, u32 } from './testing/boxes.ts'

/** A track with this handler; `stts` lists counts of frames and their durations. */
const track = (handler: string, scale: number, stts: number[]) =>
  trackOf(handler, scale, [box('stts', u32(0, stts.length / 2, ...stts))])
const audio = track('soun', 48_000, [100, 1024])

test('the rate is that of the video track, wherever the index stands', async () => {
  const moov = box('moov', audio, track('vide', 30_000, [300, 1001]))
  const rate = 30_000 / 1001
  expect(await mp4Rate(file(box('ftyp'), moov, box('mdat', Buffer.alloc(100))))).toBeCloseTo(rate, 9)
  expect(await mp4Rate(file(box('ftyp'), box('mdat', Buffer.alloc(100)), moov))).toBeCloseTo(rate, 9)
})

test('uneven durations are averaged', async () => {
  expect(await mp4Rate(file(box('moov', track('vide', 600, [10, 20, 10, 40]))))).toBe(20)
})

test.each([
  ['without a video track', file(box('moov', audio))],
  ['that is no MP4', file(Buffer.from('\x1aE\xdf\xa3 a WebM file of some length'))],
  ['that is empty', file()],
  ['whose index is cut off', file(box('moov', track('vide', 600, [10, 20])).subarray(0, 60))],
  ['whose boxes have no size', file(u32(4), Buffer.from('free'), Buffer.alloc(16))],
])('a file %s has none', async (_, blob) => {
  expect(await mp4Rate(blob)).toBeUndefined()
})
