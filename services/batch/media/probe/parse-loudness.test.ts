import { expect, test } from '@jest/globals'
import { parseLoudness } from './parse-loudness.ts'

const printed = (input_i: string) =>
  `[Parsed_loudnorm_1 @ 0x5581] \n{\n\t"input_i" : "${input_i}",\n\t"input_tp" : "-20.52",\n\t"input_lra" : "1.20",\n` +
  '\t"input_thresh" : "-33.71",\n\t"output_i" : "-15.9",\n\t"normalization_type" : "dynamic",\n\t"target_offset" : "0.1"\n}\nsize=N/A'

test('finds the measured loudness in the stderr of ffmpeg', () => {
  const lines = ['Stream #0:0: {audio}', ...printed('-23.71').split('\n')]
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

test('rejects a run that printed no measurement', () => {
  expect(() => parseLoudness(['nothing'])).toThrow(SyntaxError)
})
