import { describe, expect, test } from '@jest/globals'
import {
  atRate,
  endingWith,
  frameAt,
  framesIn,
  middleOf,
  nextKeyFrame,
  startingAt,
  startOf,
  trimOf,
  withEnd,
  withFirst,
} from './frames.ts'

const RATES = [24, 25, 29.97, 30_000 / 1001, 50, 59.94, 60]

describe('at every rate', () => {
  test.each(RATES)('%d: the beginning and the middle of a frame belong to it', (fps) => {
    for (const frame of [0, 1, 2, 299, 100_000]) {
      expect(frameAt(startOf(frame, fps), fps)).toBe(frame)
      expect(frameAt(middleOf(frame, fps), fps)).toBe(frame)
    }
  })

  test.each(RATES)('%d: a trim keeps exactly the frames that were selected', (fps) => {
    const trim = trimOf({ first: 37, end: 91 }, fps, 500)
    expect(frameAt(trim?.start ?? 0, fps)).toBe(37)
    expect(Math.round((trim?.duration ?? 0) * fps)).toBe(54)
  })
})

test('timestamps in milliseconds lead to their frame', () => {
  // 1 / 30 s is 33 ms in a container with milliseconds, a third of a millisecond early.
  expect(frameAt(0.033, 30)).toBe(1)
  expect(frameAt(0.067, 30)).toBe(2)
})

test('the whole video needs no trim', () => {
  expect(trimOf({ first: 0, end: 250 }, 25, 250)).toBeUndefined()
})

test('up to the last frame, a trim leaves the duration to the source', () => {
  expect(trimOf({ first: 50, end: 250 }, 25, 250)).toEqual({ start: 2 })
})

test('a corrected frame rate keeps the times', () => {
  expect(atRate({ first: 30, end: 90 }, 30, 24)).toEqual({ first: 24, end: 72 })
  expect(atRate({ first: 1, end: 2 }, 60, 24)).toEqual({ first: 0, end: 1 })
})

test('a selection keeps at least one frame, inside the video', () => {
  expect(withFirst({ first: 10, end: 20 }, 30)).toEqual({ first: 19, end: 20 })
  expect(withFirst({ first: 10, end: 20 }, -5)).toEqual({ first: 0, end: 20 })
  expect(withEnd({ first: 10, end: 20 }, 3, 100)).toEqual({ first: 10, end: 11 })
  expect(withEnd({ first: 10, end: 20 }, 300, 100)).toEqual({ first: 10, end: 100 })
})

test('marks beyond the other edge start a new selection', () => {
  expect(startingAt({ first: 10, end: 20 }, 12, 100)).toEqual({ first: 12, end: 20 })
  expect(startingAt({ first: 10, end: 20 }, 20, 100)).toEqual({ first: 20, end: 100 })
  expect(endingWith({ first: 10, end: 20 }, 12, 100)).toEqual({ first: 10, end: 13 })
  expect(endingWith({ first: 10, end: 20 }, 5, 100)).toEqual({ first: 0, end: 6 })
})

test('a video has at least one frame', () => {
  expect(framesIn(0, 25)).toBe(1)
  expect(framesIn(10.01, 24)).toBe(240)
})

test('key frames are found on both sides, at a time base that rounds', () => {
  const seconds = [0, 2.002, 4.004]
  expect(nextKeyFrame(seconds, 0, 1, 29.97)).toBe(60)
  expect(nextKeyFrame(seconds, 60, 1, 29.97)).toBe(120)
  expect(nextKeyFrame(seconds, 120, 1, 29.97)).toBeUndefined()
  expect(nextKeyFrame(seconds, 61, -1, 29.97)).toBe(60)
  expect(nextKeyFrame(seconds, 60, -1, 29.97)).toBe(0)
  expect(nextKeyFrame(seconds, 0, -1, 29.97)).toBeUndefined()
})
