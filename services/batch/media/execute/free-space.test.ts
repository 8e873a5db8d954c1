import { describe, expect, test } from '@jest/globals'
import type { Expected, PlannedOutput } from '../plan/types.ts'
import { requireFreeSpace, roomFor } from './free-space.ts'

const GB = 1024 ** 3
const hd: Expected = { seconds: 60, width: 1920, height: 1080, fps: 25, hasVideo: true, hasAudio: true }
const sound: Expected = { ...hd, width: null, height: null, fps: null, hasVideo: false }
const output = (name: string, expected: Expected | null = hd, streams = false): PlannedOutput => ({
  name,
  path: `/out/${name}`,
  contentType: '',
  expected,
  streams,
})
const room = (...outputs: PlannedOutput[]) => roomFor({ outputs, scratch: [] }, true, GB)

describe('the room that a plan needs', () => {
  test.each([
    ['a minute of HD, at 4.3 Mbit/s', room(output('a.mp4')), 32_064_000],
    ['its sound', room(output('a.mp3', sound)), 960_000],
    ['its sound, as samples', room(output('a.wav', sound)), 11_520_000],
    ['a poster', room(output('a.jpg', null)), 200_000],
    ['all of them', room(output('a.mp4'), output('a.mp3', sound)), 33_024_000],
    ['what may not become larger', room(output('a.mp4', { ...hd, seconds: 1e6 })), GB],
    ['nothing, for what leaves while it is made', room(output('a.ogg', sound, true)), 0],
  ])('is that of %s', (_, bytes, expected) => {
    expect(bytes).toBe(expected)
  })

  test('counts what leaves while it is made when there is nobody to take it', () => {
    expect(roomFor({ outputs: [output('a.ogg', sound, true)], scratch: [] }, false, GB)).toBe(960_000)
  })

  test('is twice as much with files between runs', () => {
    expect(roomFor({ outputs: [output('a.mp4')], scratch: ['/out/.x'] }, true, GB)).toBe(64_128_000)
  })
})

test('a plan for more than the disk has left is worth another try, elsewhere or later', async () => {
  const plan = { outputs: [output('a.mp4', { ...hd, seconds: 1e12 })], scratch: [] }
  await expect(requireFreeSpace(plan, true, '/', Number.MAX_SAFE_INTEGER)).rejects.toMatchObject({
    code: 'media.no_free_space',
    retry: true,
  })
  await requireFreeSpace({ outputs: [], scratch: [] }, true, '/', GB)
})
