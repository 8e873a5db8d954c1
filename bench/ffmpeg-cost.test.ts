import { expect, test } from '@jest/globals'
import { sumCosts, usageOf } from './ffmpeg-cost.ts'

test("parses ffmpeg's benchmark lines", () => {
  const log = 'frame=480\nbench: utime=5.500s stime=0.250s rtime=3.100s\nbench: maxrss=141312kB\n'
  expect(usageOf(log)).toEqual({ cpuS: 5.75, peakMB: 138 })
})

test('a run without benchmark lines is an error', () => {
  expect(() => usageOf('frame=480')).toThrow(/printed no benchmark lines/)
})

test('the costs of several runs add up, except for peak memory', () => {
  const cost = { wallS: 1, cpuS: 2, peakMB: 100, log: '' }
  expect(sumCosts([cost, { ...cost, peakMB: 160 }])).toMatchObject({ wallS: 2, cpuS: 4, peakMB: 160 })
})
