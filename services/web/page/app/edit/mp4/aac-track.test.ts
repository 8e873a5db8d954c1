import { describe, expect, test } from '@jest/globals'
import { aacTrackOf, adtsHeader, contiguousRanges, hasAudio } from './aac-track.ts'
import { box, indexOf, trackOf, u32 } from './testing/boxes.ts'

/** Descriptors 3, 4 and 5 in each other; the last holds this AudioSpecificConfig. */
const esds = (config: number[]) =>
  box(
    'esds',
    u32(0),
    Buffer.from([3, 0x80, 0x80, 0x80, 25, 0, 0, 0]),
    Buffer.from([4, 17, 0x40, ...Array<number>(12).fill(0)]),
    Buffer.from([5, config.length, ...config]),
  )
const stsd = (config: number[]) => box('stsd', u32(0, 1), box('mp4a', Buffer.alloc(28), esds(config)))
const stsz = (...sizes: number[]) => box('stsz', u32(0, 0, sizes.length, ...sizes))
const stsc = (...runs: number[][]) => box('stsc', u32(0, runs.length, ...runs.flat()))
const stco = (...offsets: number[]) => box('stco', u32(0, offsets.length, ...offsets))

/** AAC-LC, 48 kHz, stereo. */
const LC = [0x11, 0x90]
const audio = (...tables: Buffer[]) => indexOf(trackOf('soun', 48_000, tables))

describe('an AAC track', () => {
  test('has its frames where chunks say, chunk by chunk', () => {
    const track = aacTrackOf(
      audio(stsd(LC), stsz(10, 20, 30, 40, 50), stsc([1, 2, 1], [2, 1, 1]), stco(1000, 5000, 7000, 9000)),
    )
    expect(track).toMatchObject({ objectType: 2, rateIndex: 3, channels: 2, seconds: 1024 / 48_000 })
    expect([...(track?.offsets ?? [])]).toEqual([1000, 1010, 5000, 7000, 9000])
    expect([...(track?.sizes ?? [])]).toEqual([10, 20, 30, 40, 50])
  })

  test('may lie behind 4 GiB, with frames of one size', () => {
    const same = box('stsz', u32(0, 7, 3))
    const co64 = box('co64', u32(0, 1, 2, 16))
    const track = aacTrackOf(audio(stsd(LC), same, stsc([1, 3, 1]), co64))
    expect([...(track?.offsets ?? [])]).toEqual([2 ** 33 + 16, 2 ** 33 + 23, 2 ** 33 + 30])
  })

  test('of HE-AAC is decoded as the AAC-LC that it contains', () => {
    const track = aacTrackOf(audio(stsd([0x2b, 0x11]), stsz(1), stsc([1, 1, 1]), stco(0)))
    expect(track?.objectType).toBe(2)
  })

  test.each([
    ['of another codec', audio(box('stsd', u32(0, 1), box('Opus', Buffer.alloc(28))), stsz(1))],
    ['without frames, as in a fragmented file', audio(stsd(LC), stsz(), stsc(), stco())],
    ['of video', indexOf(trackOf('vide', 25, []))],
    ['whose channels are described elsewhere', audio(stsd([0x11, 0x80]), stsz(1), stsc([1, 1, 1]), stco(0))],
  ])('%s is none', (_, index) => {
    expect(aacTrackOf(index)).toBeUndefined()
  })
})

test('an index says whether there is audio', () => {
  expect(hasAudio(audio())).toBe(true)
  expect(hasAudio(indexOf(trackOf('vide', 25, [])))).toBe(false)
})

test('a frame in a stream of its own has an ADTS header with its size', () => {
  const header = adtsHeader({ objectType: 2, rateIndex: 3, channels: 2 }, 1000)
  // As ffmpeg writes it for AAC-LC at 48 kHz in stereo.
  expect([...header]).toEqual([0xff, 0xf1, 0x4c, 0x80, 0x7d, 0xff, 0xfc])
})

test('frames that stand together are read together', () => {
  const track = { offsets: Float64Array.of(0, 10, 50, 60, 90), sizes: Uint32Array.of(10, 10, 10, 10, 5) }
  expect(contiguousRanges(track, 1, 5)).toEqual([
    { first: 1, end: 2, from: 10, to: 20 },
    { first: 2, end: 4, from: 50, to: 70 },
    { first: 4, end: 5, from: 90, to: 95 },
  ])
})
