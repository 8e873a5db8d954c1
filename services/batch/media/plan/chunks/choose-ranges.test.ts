import { describe, expect, test } from '@jest/globals'
import { chooseRanges, gridOf } from './choose-ranges.ts'

const size = { ticks: 100, minTicks: 20, grid: 1, keyTicks: [] }
const whole = (ticks: number, intro: number | null = null) => ({
  cuts: [ticks],
  intro: intro === null ? null : { kind: 'still' as const, input: 0, ticks: intro },
})
const bounds = (...args: Parameters<typeof chooseRanges>) =>
  chooseRanges(...args).map(({ from, to }) => [from, to])

describe('chooseRanges', () => {
  test.each([
    ['content that is little longer than a chunk', 150, [[0, 150]]],
    [
      'content of three chunks',
      300,
      [
        [0, 100],
        [100, 200],
        [200, 300],
      ],
    ],
    [
      'content that is no multiple',
      250,
      [
        [0, 83],
        [83, 166],
        [166, 250],
      ],
    ],
  ])('%s', (_, ticks, ranges) => {
    expect(bounds(whole(ticks), size)).toEqual(ranges)
  })

  test('cuts fall on the grid, which counts from the start of the file', () => {
    expect(bounds(whole(250, 7), { ...size, grid: 10 })).toEqual([
      [0, 83],
      [83, 163],
      [163, 250],
    ])
  })

  test('cuts move back to key frames that are near enough', () => {
    expect(bounds(whole(300), { ...size, keyTicks: [0, 90, 160, 270] })).toEqual([
      [0, 90],
      [90, 160],
      [160, 300],
    ])
    expect(bounds(whole(300), { ...size, keyTicks: [0, 30] })).toEqual([
      [0, 100],
      [100, 200],
      [200, 300],
    ])
  })

  test('no cut where the grid allows none', () => {
    expect(bounds(whole(300), { ...size, grid: 1001 })).toEqual([[0, 300]])
  })

  test('short parts share a range, long ones are divided', () => {
    expect(bounds({ cuts: [40, 40, 40, 200, 30], intro: null }, size)).toEqual([
      [0, 120],
      [120, 220],
      [220, 320],
      [320, 350],
    ])
  })
})

test('the grid is where frames of all outputs begin together', () => {
  const sixty = { num: 60, den: 1 }
  expect(gridOf(sixty, [])).toBe(1)
  expect(gridOf(sixty, [{ num: 24, den: 1 }])).toBe(5)
  expect(
    gridOf(sixty, [
      { num: 24, den: 1 },
      { num: 25, den: 1 },
    ]),
  ).toBe(60)
  expect(gridOf(sixty, [{ num: 24_000, den: 1001 }])).toBe(1001)
})
