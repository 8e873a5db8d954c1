import { describe, expect, test } from '@jest/globals'
import { aMedium, aVideo } from '../../testing/fixtures.ts'
import { needsRateSample, parseRateSample, rateSampleOptions, withPeakRate } from './peak-rate.ts'

describe('withPeakRate', () => {
  test.each([
    ['bursts of a recording', { fps: 9.25, variable_fps: true, peak_fps: 60 }, 60.1, 60],
    ['a phone whose nominal rate is 60', { fps: 29.4, variable_fps: true, peak_fps: 60 }, 30.1, 30.1],
    ['a nominal rate that is a time base', { fps: 17, variable_fps: true }, 29.98, 29.98],
    [
      'NTSC, which the container states exactly',
      { fps: 20, variable_fps: true, peak_fps: 29.97 },
      30.02,
      29.97,
    ],
  ])('%s', (_, stated, measured, peak) => {
    expect(withPeakRate(aVideo(stated), measured)).toMatchObject({ variable_fps: true, peak_fps: peak })
  })

  test('a rate that is stated as constant was measured otherwise', () => {
    expect(withPeakRate(aVideo({ fps: 5 }), 60, 12)).toMatchObject({ variable_fps: true, peak_fps: 60 })
    expect(withPeakRate(aVideo({ fps: 1000 }), 30, 30)).toMatchObject({ variable_fps: true, peak_fps: 30 })
  })

  test.each([
    ['a constant rate stays one', aVideo({ fps: 25 }), 25.1, 24.8],
    ['packets that are fields do not count', aVideo({ fps: 25 }), 50, 50],
    [
      'interlaced video has the rate of its frames',
      aVideo({ fps: 25, variable_fps: true, interlaced: true }),
      50,
      40,
    ],
    ['a few packets say nothing', aVideo({ fps: 9, variable_fps: true }), undefined, 9],
  ])('%s', (_, video, peak, average) => {
    expect(withPeakRate(video, peak, average)).toEqual(video)
  })
})

describe('a sample of frames', () => {
  test('is taken of rates that vary or may do so, five times', () => {
    const uneven = aMedium({ duration: 100, video: aVideo({ variable_fps: true }) })
    expect(needsRateSample(uneven)).toBe(true)
    expect(needsRateSample(aMedium())).toBe(false)
    const slow = aVideo({ fps: 4 })
    expect(needsRateSample(aMedium({ video: slow }))).toBe(false)
    expect(needsRateSample(aMedium({ container: 'matroska,webm', video: slow }))).toBe(true)
    expect(rateSampleOptions(uneven)).toContain(
      '0.000%+#100,20.000%+#100,40.000%+#100,60.000%+#100,80.000%+#100',
    )
    expect(rateSampleOptions({ ...uneven, start: 0.5 })[3]).toMatch(/^0\.500%\+#100,20\.500%/)
    expect(rateSampleOptions({ ...uneven, container: 'gif' })).toContain('0.000%+#500')
  })

  test('gives the rate of motion', () => {
    const printed = Array.from({ length: 40 }, (_, i) => (i / 30).toFixed(6)).join('\n')
    expect(Math.round(parseRateSample(`N/A\n${printed}\n`) ?? 0)).toBe(30)
    expect(parseRateSample('')).toBeUndefined()
  })
})
