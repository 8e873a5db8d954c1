import { expect, test } from '@jest/globals'
import { createFrameTimes } from './frame-times.ts'

/** Times of frames that follow each other after these intervals, in milliseconds, over and over. */
function every(count: number, ...intervals: number[]): number[] {
  let now = 0
  return Array.from({ length: count }, (_, i) => {
    now += intervals[i % intervals.length] ?? 0
    return now / 1000
  })
}

/** Numbers from -1 to 1 that are the same in every run. */
const noise = (i: number) => 2 * ((Math.sin(i * 12.9898) * 43_758.5453) % 1)

const jittered = (rate: number, ms: number) =>
  Array.from({ length: 300 }, (_, i) => Math.round((1000 * i) / rate + (ms * noise(i)) / 2) / 1000)

const later = (times: number[], seconds: number) => times.map((time) => time + seconds)

/** Frames as an encoder with B-frames stores them: each third one before the two that are shown earlier. */
const reordered = (times: number[]) =>
  times.flatMap((time, i) =>
    i % 3 === 0 ? [time] : i % 3 === 1 ? [times[i + 1] ?? time] : [times[i - 1] ?? time],
  )

test.each([
  ['60 frames per second in whole milliseconds', every(300, 16, 17, 17), 60],
  ['30 frames per second in whole milliseconds', every(300, 33, 33, 34), 30],
  ['24 frames per second in whole milliseconds', every(300, 41, 42, 42), 24],
  ['29.97 frames per second', every(300, 1001 / 30), 29.97],
  ['a screen that moves for 3 s of a minute', [...every(180, 1000 / 60), ...later(every(57, 1000), 3)], 60],
  [
    '60 frames per second in a tenth of a recording at 30',
    [...every(60, 1000 / 60), ...later(every(540, 1000 / 30), 1)],
    60,
  ],
  ['a recorder with jitter at 30', jittered(30, 12), 30],
  ['a recorder with jitter at 60', jittered(60, 6), 60],
  ['a phone that drops every tenth frame', every(300, ...Array<number>(9).fill(33.3), 66.6), 30],
  ['film in fields of 59.94 Hz', every(300, 33.37, 50.05), 24],
  ['frames in the order of decoding', reordered(every(300, 1000 / 60)), 60],
  ['frames stored twice', every(300, 33.3, 33.3, 0.5, 32.8), 30],
  ['a camera that hiccups once', [...every(300, 33.3), ...later(every(5, 5), 10.1)], 30],
  ['an animation of mixed delays', every(60, 70, 70, 70, 70, 70, 500), 14.3],
])('%s', (_, times, rate) => {
  const frames = createFrameTimes()
  for (const time of times) frames.add(time)
  const peak = frames.peakRate() ?? Number.NaN
  expect(Math.abs(peak - rate) / rate).toBeLessThan(0.01)
})

test.each([60, 60_000 / 1001])('%d frames per second are measured exactly', (rate) => {
  const frames = createFrameTimes()
  for (const time of every(300, 1000 / rate)) frames.add(time)
  expect(frames.peakRate()).toBeCloseTo(rate, 1)
})

test('slides have no rate of motion', () => {
  const frames = createFrameTimes()
  for (const time of every(60, 5000)) frames.add(time)
  expect(frames.peakRate()).toBeUndefined()
})

test('a few frames have no rate', () => {
  const frames = createFrameTimes()
  for (const time of every(6, 33)) frames.add(time)
  expect(frames.peakRate()).toBeUndefined()
})
