import { describe, expect, test } from '@jest/globals'
import { coverOf, evenSize, fitInside, fitShape } from './geometry.ts'

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

describe('fitShape', () => {
  const pal = { width: 768, height: 576, upscale: false }
  test.each([
    ['wide in a frame of 4:3', '1024x576', { ...pal, fit: 'pad' }, '768x576', '768x432'],
    ['wide, cropped', '1024x576', { ...pal, fit: 'crop' }, '768x576', '1024x576'],
    ['4:3 in a wide frame', '768x576', { ...pal, width: 1024, fit: 'pad' }, '1024x576', '768x576'],
    ['4:3, cropped', '768x576', { ...pal, width: 1024, fit: 'crop' }, '1024x576', '1024x768'],
    [
      'a lower resolution',
      '320x180',
      { width: 640, height: 360, upscale: false, fit: 'pad' },
      '640x360',
      '640x360',
    ],
    [
      'a shape in a large frame',
      '1024x576',
      { width: 1920, height: 1080, upscale: false, fit: 'pad' },
      '768x576',
      '1024x576',
    ],
    [
      'that may grow',
      '1024x576',
      { width: 1920, height: 1080, upscale: true, fit: 'pad' },
      '1440x1080',
      '1920x1080',
    ],
  ])('%s', (_, video, frame, usual, expected) => {
    expect(fitShape(size(video), frame, size(usual))).toEqual(size(expected))
  })
})
