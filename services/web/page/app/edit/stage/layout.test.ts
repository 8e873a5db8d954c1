import { describe, expect, test } from '@jest/globals'
import { type Choices, DEFAULT_CHOICES } from '../choices.ts'
import { cornerAt, cornerBy, layoutOf, movable, positionAfter } from './layout.ts'

const wide = { width: 1920, height: 1080 }
const tall = { width: 1080, height: 1920 }
const layout = (choices: Partial<Choices>, video = wide) =>
  layoutOf({ ...DEFAULT_CHOICES, ...choices }, video)

test('as it is, the video is the frame', () => {
  expect(layout({})).toEqual({ frame: wide, video: { ...wide, left: 0, top: 0 } })
  expect(layout({ shape: '1:1', format: 'mp3' }).frame).toEqual(wide)
})

describe('a shape', () => {
  test('with bars is the smallest frame around the video', () => {
    expect(layout({ shape: '1:1' })).toEqual({
      frame: { width: 1920, height: 1920 },
      video: { ...wide, left: 0, top: 420 },
    })
    expect(layout({ shape: '16:9' }, tall).video.top).toBe(0)
  })

  test('with a crop is the largest frame inside of it, in its middle', () => {
    const { frame, video } = layout({ shape: '9:16', fit: 'crop' })
    expect(frame).toEqual({ width: 607.5, height: 1080 })
    expect(video).toEqual({ ...wide, left: -656.25, top: 0 })
  })

  test('with a crop keeps the part that was chosen', () => {
    const choices = { shape: '9:16', fit: 'crop' } as const
    expect(layout({ ...choices, position: { x: 0, y: 0.5 } }).video.left).toBeCloseTo(0)
    expect(layout({ ...choices, position: { x: 1, y: 0.5 } }).video.left).toBe(-1312.5)
  })

  test('with a crop is moved by dragging the video, as far as there is any', () => {
    const cropped = layout({ shape: '9:16', fit: 'crop' })
    expect(movable(cropped)).toEqual({ x: true, y: false })
    const middle = { x: 0.5, y: 0.5 }
    // To the right by the whole frame: what is on its left comes into sight.
    expect(positionAfter(middle, cropped, { x: 1, y: 1 })).toEqual({ x: 0.037, y: 0.5 })
    expect(positionAfter(middle, cropped, { x: -5, y: 0 })).toEqual({ x: 1, y: 0.5 })
  })

  test('that is stretched fills the frame', () => {
    const { frame, video } = layout({ shape: '1:1', fit: 'stretch' })
    expect(video).toEqual({ ...frame, left: 0, top: 0 })
  })
})

describe('a size of its own', () => {
  const custom = { shape: 'custom', width: 640, height: 360 } as const

  test('is filled from inside with bars, and covered with a crop', () => {
    expect(layout(custom, tall).video).toEqual({ width: 202.5, height: 360, left: 218.75, top: 0 })
    const { video } = layout({ ...custom, fit: 'crop' }, tall)
    expect(video.width).toBeCloseTo(640)
    expect(video.top).toBeLessThan(-300)
  })

  test('keeps smaller video as it is unless it is enlarged', () => {
    const small = { width: 320, height: 180 }
    expect(layout({ ...custom, upscale: false }, small).video).toEqual({ ...small, left: 160, top: 90 })
    expect(layout(custom, small).video).toEqual({ width: 640, height: 360, left: 0, top: 0 })
  })
})

test('corners are where one points, and where arrows lead', () => {
  expect(cornerAt(0.2, 0.9)).toBe('bottom_left')
  expect(cornerAt(0.8, 0.1)).toBe('top_right')
  expect(cornerBy('bottom_left', 'ArrowUp')).toBe('top_left')
  expect(cornerBy('top_left', 'ArrowRight')).toBe('top_right')
  expect(cornerBy('top_left', 'ArrowLeft')).toBe('top_left')
})
