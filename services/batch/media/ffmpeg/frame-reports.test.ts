import { expect, test } from '@jest/globals'
import { createFrameReportReader } from './frame-reports.ts'

test('keeps the times of each stream', () => {
  const reader = createFrameReportReader()
  const lines = [
    ...['frame:0    pts:-35328  pts_time:-2.3', 'cutroom=0-video'],
    ...['frame:0    pts:0       pts_time:0', 'cutroom=0-audio'],
    ...['frame:138  pts:0       pts_time:1.25', 'cutroom=0-video'],
  ]
  expect(lines.map((line) => reader.read(line))).not.toContain(false)
  expect(Object.fromEntries(reader.reports)).toEqual({
    '0-video': [-2.3, 1.25],
    '0-audio': [0],
  })
})

test('takes nothing else', () => {
  const reader = createFrameReportReader()
  for (const line of ['frame=150', 'dup_frames=0', '[h264 @ 0x1] Invalid NAL unit size', 'frame:1']) {
    expect(reader.read(line)).toBe(false)
  }
  reader.read('frame:0    pts:NOPTS   pts_time:NOPTS')
  reader.read('cutroom=0-video')
  expect(reader.reports.size).toBe(0)
})
