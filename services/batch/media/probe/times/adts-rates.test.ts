import { expect, test } from '@jest/globals'
import { playedAt, readAdtsRates } from './adts-rates.ts'

/** Sampling frequency indexes of ADTS. */
const INDEX: Record<number, number> = { 48000: 3, 44100: 4, 22050: 7 }

/** Frames of one block and 100 bytes each. */
function frames(rate: number, count: number): Buffer {
  const frame = Buffer.alloc(100)
  frame.set([0xff, 0xf1, (1 << 6) | ((INDEX[rate] ?? 0) << 2), 0, 100 >> 3, (100 & 7) << 5, 0])
  return Buffer.concat(Array.from({ length: count }, () => frame))
}

function runsOf(bytes: Buffer, chunk: number) {
  const rates = readAdtsRates()
  for (let at = 0; at < bytes.length; at += chunk) rates.add(bytes.subarray(at, at + chunk))
  return rates.finish()
}

test.each([[1], [7], [150], [100_000]])('runs are found in chunks of %i bytes', (chunk) => {
  const bytes = Buffer.concat([frames(44_100, 441), frames(22_050, 3), frames(48_000, 375)])
  expect(runsOf(bytes, chunk)).toEqual([
    { rate: 44_100, seconds: 10.24 },
    { rate: 22_050, seconds: (3 * 1024) / 22_050 },
    { rate: 48_000, seconds: 8 },
  ])
})

test('tags around and between the files are passed over, also when they look like the start of a frame', () => {
  const tag = Buffer.concat([Buffer.from('ID3'), frames(48_000, 1).subarray(0, 20), Buffer.alloc(300)])
  const bytes = Buffer.concat([tag, frames(44_100, 441), tag, frames(44_100, 441), tag])
  expect(runsOf(bytes, 64)).toEqual([{ rate: 44_100, seconds: 20.48 }])
})

test.each([[''], ['This is no audio at all.']])('%j has no frames', (text) => {
  expect(runsOf(Buffer.from(text), 5)).toEqual([])
})

test('a moment on the clock of the first rate is played when its samples are', () => {
  const runs = [
    { rate: 44_100, seconds: 5 },
    { rate: 22_050, seconds: 5 },
  ]
  const played = [0, 5, 6, 7.5, 9].map((seconds) => playedAt(runs, seconds))
  expect(played).toEqual([0, 5, 7, 10, 10])
})
