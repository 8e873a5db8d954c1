import { expect, test } from '@jest/globals'
import { keyFramesOf } from './key-frames.ts'
import { box, indexOf, trackOf, u32 } from './testing/boxes.ts'

const stts = (...runs: number[]) => box('stts', u32(0, runs.length / 2, ...runs))
const ctts = (...runs: number[]) => box('ctts', u32(0, runs.length / 2, ...runs))
const stss = (...samples: number[]) => box('stss', u32(0, samples.length, ...samples))
const elst = (...edits: number[][]) => box('edts', box('elst', u32(0, edits.length, ...edits.flat())))

test('key frames are timed by the table of samples', () => {
  const index = indexOf(trackOf('vide', 25_000, [stts(100, 1_000), stss(1, 26, 76)]))
  expect(keyFramesOf(index)).toEqual([0, 1, 3])
})

test('frames that are shown later than they are decoded count from the first that is shown', () => {
  // Decoded as I P B B, shown as I B B P: the first frame is shown at 2.
  const offsets = ctts(1, 2, 1, 4, 2, 1, 1, 2, 1, 4, 2, 1)
  const tables = [stts(8, 1), offsets, stss(1, 5)]
  expect(keyFramesOf(indexOf(trackOf('vide', 4, tables)))).toEqual([0, 1])
  expect(keyFramesOf(indexOf(trackOf('vide', 4, tables, [elst([8, 2, 1])])))).toEqual([0, 1])
})

test('an edit list that begins later leaves out what is before it', () => {
  const tables = [stts(100, 1), stss(1, 26, 51)]
  const edits = elst([10, 0xffff_ffff, 1], [60, 20, 1])
  expect(keyFramesOf(indexOf(trackOf('vide', 25, tables, [edits])))).toEqual([0.2, 1.2])
})

test('negative offsets are read as such', () => {
  const tables = [stts(4, 10), ctts(1, 0, 1, 10, 2, -10), stss(1)]
  expect(keyFramesOf(indexOf(trackOf('vide', 10, tables)))).toEqual([0])
})

test.each([
  ['without a list, since every frame is one', indexOf(trackOf('vide', 25, [stts(100, 1)]))],
  ['of audio alone', indexOf(trackOf('soun', 25, [stts(100, 1), stss(1)]))],
  ['of a fragmented file, whose tables are empty', indexOf(trackOf('vide', 25, [stts(), stss()]))],
  ['with nothing in it', indexOf()],
])('an index %s gives none', (_, index) => {
  expect(keyFramesOf(index)).toBeUndefined()
})

test('a count that the table cannot hold is not believed', () => {
  const huge = box('stss', u32(0, 0xffff_ffff, 1))
  expect(keyFramesOf(indexOf(trackOf('vide', 25, [stts(10, 1), huge])))).toEqual([0])
})
