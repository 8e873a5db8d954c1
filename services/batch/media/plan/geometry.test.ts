import { describe, expect, test } from '@jest/globals'
import { coverOf, evenSize, fitInside } from './geometry.ts'

const size = (text: string) => {
  const [width = 0, height = 0] = text.split('x').map(Number)
  return { width, height }
}
const text = ({ width, height }: { width: number; height: number }) => `${width}x${height}`

describe('fitInside', () => {
  test.each([
    ['1920x1080', '640x360', true, '640x360'],
    ['1080x1920', '640x360', true, '202x360'],
    ['720x576', '640x360', true, '450x360'],
    ['320x240', '640x360', true, '480x360'],
    ['320x240', '640x360', false, '320x240'],
    ['63x63', '640x360', false, '62x62'],
    ['1x1', '640x360', false, '2x2'],
    ['4000x10', '640x360', true, '640x2'],
  ])('%s in a frame of %s (upscale %s) is %s', (video, frame, upscale, result) => {
    expect(text(fitInside(size(video), size(frame), upscale))).toBe(result)
  })
})

describe('coverOf', () => {
  test.each([
    ['1920x1080', '640x360', true, '640x360'],
    ['1080x1920', '640x360', true, '640x1138'],
    ['1440x1080', '640x360', true, '640x480'],
    ['320x240', '640x360', true, '640x480'],
    ['320x240', '640x360', false, '320x240'],
    ['2000x200', '640x360', false, '2000x200'],
  ])('%s over a frame of %s (upscale %s) is %s', (video, frame, upscale, result) => {
    expect(text(coverOf(size(video), size(frame), upscale))).toBe(result)
  })
})

test('odd sides lose one pixel, never two', () => {
  expect(evenSize(size('63x1'))).toEqual(size('62x2'))
})
