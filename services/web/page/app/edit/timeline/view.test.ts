import { describe, expect, test } from '@jest/globals'
import { frameAtRatio, isWhole, moved, ratioOf, revealing, wholeView, zoomed } from './view.ts'

describe('zoom', () => {
  test('keeps the frame around which it goes where it is', () => {
    const view = zoomed({ start: 100, end: 500 }, 0.5, 200, 1000)
    expect(view).toEqual({ start: 150, end: 350 })
    expect(ratioOf(view, 200)).toBe(ratioOf({ start: 100, end: 500 }, 200))
  })

  test('stays inside of the source', () => {
    expect(zoomed({ start: 0, end: 100 }, 4, 90, 300)).toEqual({ start: 0, end: 300 })
    expect(zoomed({ start: 200, end: 300 }, 2, 300, 300)).toEqual({ start: 100, end: 300 })
    expect(isWhole(zoomed({ start: 40, end: 60 }, 1000, 50, 300), 300)).toBe(true)
  })

  test('ends where single frames can be pointed at, or with a source that is shorter', () => {
    const view = zoomed(wholeView(1000), 0.0001, 500, 1000)
    expect(view.end - view.start).toBe(24)
    expect(zoomed(wholeView(10), 0.5, 5, 10)).toEqual(wholeView(10))
  })

  test('around a frame that is not shown goes around the nearest one', () => {
    expect(zoomed({ start: 100, end: 200 }, 0.5, 900, 1000)).toEqual({ start: 150, end: 200 })
  })
})

test('a view moves as far as the source goes', () => {
  expect(moved({ start: 10, end: 20 }, 5, 100)).toEqual({ start: 15, end: 25 })
  expect(moved({ start: 10, end: 20 }, -50, 100)).toEqual({ start: 0, end: 10 })
  expect(moved({ start: 10, end: 20 }, 500, 100)).toEqual({ start: 90, end: 100 })
})

test('a frame that is not shown is revealed, one that is changes nothing', () => {
  const view = { start: 100, end: 200 }
  expect(revealing(view, 150, 1000)).toBe(view)
  expect(revealing(view, 200, 1000)).toEqual({ start: 190, end: 290 })
  expect(revealing(view, 50, 1000)).toEqual({ start: 0, end: 100 })
})

test('places between the edges are frames, and back', () => {
  expect(frameAtRatio({ start: 100, end: 200 }, 0.333)).toBe(133)
  expect(frameAtRatio({ start: 100, end: 200 }, 3)).toBe(200)
  expect(ratioOf({ start: 100, end: 200 }, 150)).toBe(0.5)
})
