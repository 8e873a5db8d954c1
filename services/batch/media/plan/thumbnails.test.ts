import { describe, expect, test } from '@jest/globals'
import { evenSteps, spriteIndex } from './thumbnails.ts'

describe('evenSteps', () => {
  test.each([
    [1, 48, [24]],
    [4, 48, [6, 18, 30, 42]],
    [5, 3, [0, 1, 2]],
  ])('%d of %d frames are %j', (count, ticks, frames) => {
    expect(evenSteps(count, ticks)).toEqual(frames)
  })
})

test('the index of a sprite sheet gives the area of each time', () => {
  expect(spriteIndex(3, 2, { width: 160, height: 90 }, 3900)).toBe(
    'WEBVTT\n\n' +
      '00:00:00.000 --> 00:21:40.000\nsprite.jpg#xywh=0,0,160,90\n\n' +
      '00:21:40.000 --> 00:43:20.000\nsprite.jpg#xywh=160,0,160,90\n\n' +
      '00:43:20.000 --> 01:05:00.000\nsprite.jpg#xywh=0,90,160,90\n',
  )
})
