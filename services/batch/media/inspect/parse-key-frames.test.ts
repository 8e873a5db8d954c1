import { expect, test } from '@jest/globals'
import { createKeyFrameParser } from './parse-key-frames.ts'

const REPORT = `#software: Lavf60.16.100
#tb 0: 1/12800
#media_type 0: video
0,      -1024,          0,      512,     3086, 0xa1b2c3d4
0,       -512,       2048,      512,       86, 0xa1b2c3d4, F=0x0
0,      25600,      26624,      512,     2086, 0xa1b2c3d4, S=1,       8
0,      51200,      52224,      512,     2086, 0xa1b2c3d4, F=0x5
0,      51712,      52736,      512,     2086, 0xa1b2c3d4, F=0x3
0,      52224,      51712,      512,     2086, 0xa1b2c3d4, F=0x9
`

test('key frames are the packets that are marked so, and neither discarded nor corrupt', () => {
  const parser = createKeyFrameParser(10)
  for (const character of REPORT) parser.add(character)
  expect(parser.result()).toEqual({ times: [0, 2.08, 4.04], covered: 4.12 })
  expect(parser.isFull()).toBe(false)
})

test('there are never more than asked for', () => {
  const parser = createKeyFrameParser(2)
  parser.add(REPORT)
  expect(parser.result().times).toEqual([0, 2.08])
  expect(parser.isFull()).toBe(true)
})
