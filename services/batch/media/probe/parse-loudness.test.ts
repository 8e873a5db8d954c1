import { expect, test } from '@jest/globals'
import { normalizing } from '../plan/audio-filters.ts'
import { parseLoudness } from './parse-loudness.ts'

const printed = (input_i: string) =>
  `[Parsed_loudnorm_1 @ 0x5581] \n{\n\t"input_i" : "${input_i}",\n\t"input_tp" : "-20.52",\n\t"input_lra" : "1.20",\n` +
  '\t"input_thresh" : "-33.71",\n\t"output_i" : "-15.9",\n\t"normalization_type" : "dynamic",\n\t"target_offset" : "0.1"\n}\nsize=N/A'

test('the measured loudness is found among what ffmpeg says', () => {
  const lines = ['Stream #0:0: {ish}', ...printed('-23.71').split('\n')]
  expect(parseLoudness(lines)).toEqual({
    integrated: -23.71,
    true_peak: -20.52,
    range: 1.2,
    threshold: -33.71,
  })
})

test.each(['-inf', '-70.00'])('%s LUFS is silence, which has no loudness', (input) => {
  expect(parseLoudness(printed(input).split('\n'))).toBeUndefined()
})

test('a run that printed nothing is no measurement', () => {
  expect(() => parseLoudness(['nothing'])).toThrow(SyntaxError)
})

test('normalizing raises sound by what it lacks of -16 LUFS, and holds its peaks below -1.5 dBTP', () => {
  const measured = { integrated: -23.71, true_peak: -20.52, range: 1.2, threshold: -33.71 }
  expect(normalizing(measured, 96_000, { rate: 48_000, channels: 2 }).join()).toBe(
    'volume=7.71dB,aresample=192000,alimiter=limit=0.841395:level=0:attack=5:release=50:latency=1,' +
      'aresample=48000,aformat=sample_fmts=fltp:channel_layouts=stereo,apad=whole_len=96000,atrim=end_sample=96000',
  )
})
