import { describe, expect, test } from '@jest/globals'
import { coverOf, evenSize, fitInside, frameSize } from './geometry.ts'

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

describe('frameSize', () => {
  test.each([
    ['both sides as given', { width: 640, height: 360 }, '1920x1080', '640x360'],
    ['a width alone keeps the shape', { width: 640 }, '1440x1080', '640x480'],
    ['a height alone keeps the shape', { height: 540 }, '1440x1080', '720x540'],
    ['a width and an aspect', { width: 640, aspect: '1:1' }, '1440x1080', '640x640'],
    [
      'an aspect is cropped out of taller video at its width',
      { aspect: '16:9', fit: 'crop' },
      '1440x1080',
      '1440x810',
    ],
    [
      'an aspect is cropped out of upright video at its width',
      { aspect: '16:9', fit: 'crop' },
      '1080x1920',
      '1080x608',
    ],
    [
      'an aspect is cropped out of wider video at its height',
      { aspect: '16:9', fit: 'crop' },
      '1920x804',
      '1429x804',
    ],
    ['an aspect is padded around taller video', { aspect: '16:9' }, '1440x1080', '1920x1080'],
  ])('%s', (_, frame, video, result) => {
    expect(text(frameSize({ fit: 'pad', ...frame }, size(video)))).toBe(result)
  })
})
