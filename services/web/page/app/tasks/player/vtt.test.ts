import { expect, test } from '@jest/globals'
import { tileAt, tilesOf } from './vtt.ts'

const VTT = `WEBVTT

00:00:00.000 --> 00:00:02.500
sprite.jpg#xywh=0,0,160,90

00:00:02.500 --> 01:00:05.000
sprite.jpg#xywh=160,0,160,90
`

test('an index names the tiles of a sprite and when they are shown', () => {
  expect(tilesOf(VTT)).toEqual([
    { start: 0, end: 2.5, x: 0, y: 0, width: 160, height: 90 },
    { start: 2.5, end: 3605, x: 160, y: 0, width: 160, height: 90 },
  ])
  expect(tilesOf('not an index')).toEqual([])
})

test('the tile of a position, or the nearest', () => {
  const tiles = tilesOf(VTT)
  expect(tileAt(tiles, 1)?.x).toBe(0)
  expect(tileAt(tiles, 2.5)?.x).toBe(160)
  expect(tileAt(tiles, 9999)?.x).toBe(160)
  expect(tileAt([], 1)).toBeUndefined()
})
