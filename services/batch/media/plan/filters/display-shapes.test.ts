import { expect, test } from '@jest/globals'
import { displayShapes } from './display-shapes.ts'

const shape = (from: number, pixelAspect: number) => ({ from, width: 720, height: 576, pixelAspect })
const FOUR_BY_THREE = { width: 768, height: 576 }
const WIDE = { width: 1024, height: 576 }

const shapes = [shape(0, 16 / 15), shape(40, 64 / 45), shape(70, 16 / 15)]
const clip = (start: number, seconds: number, skip?: number) => ({
  ...{ input: 3, range: { start, seconds, whole: false }, ticks: (seconds - (skip ?? 0)) * 25 },
  ...(skip && { skip: { ticks: skip * 25, seconds: skip } }),
  times: { shapes } as never,
})

test.each([
  [
    'all of a source',
    clip(0, 100),
    FOUR_BY_THREE,
    [
      [40, WIDE],
      [70, FOUR_BY_THREE],
    ],
  ],
  ['a trim', clip(30, 20), FOUR_BY_THREE, [[10, WIDE]]],
  ['a trim behind a change', clip(45, 5), WIDE, []],
  ['a trim that begins with a change', clip(40, 35), WIDE, [[30, FOUR_BY_THREE]]],
  ['a chunk, by the clock of its clip', clip(30, 60, 20), WIDE, [[40, FOUR_BY_THREE]]],
])('the shapes of %s', (_, shown, first, later) => {
  expect(displayShapes(shown, 25)).toEqual({ id: 3, first, later: later.map(([at, size]) => ({ at, size })) })
})

test('a source that keeps its shape has none', () => {
  expect(displayShapes({ ...clip(0, 9), times: {} as never }, 25)).toBeUndefined()
  expect(displayShapes({ ...clip(0, 9), times: undefined }, 25)).toBeUndefined()
})
