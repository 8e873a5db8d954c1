import { expect, test } from '@jest/globals'
import { together, usageOf } from './ffmpeg-cost.ts'

test("ffmpeg's own account of a run is read", () => {
  const said = 'frame=480\nbench: utime=5.500s stime=0.250s rtime=3.100s\nbench: maxrss=141312kB\n'
  expect(usageOf(said)).toEqual({ cpuS: 5.75, peakMB: 138 })
})

test('a run that gave no account is not taken for free', () => {
  expect(() => usageOf('frame=480')).toThrow(/did not say what it used/)
})

test('runs one after the other add up, but for their memory', () => {
  const cost = { wallS: 1, cpuS: 2, peakMB: 100, said: '' }
  expect(together([cost, { ...cost, peakMB: 160 }])).toMatchObject({ wallS: 2, cpuS: 4, peakMB: 160 })
})
