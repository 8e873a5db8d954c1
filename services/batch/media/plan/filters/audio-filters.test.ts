import { expect, test } from '@jest/globals'
import { normalize } from './audio-filters.ts'

test('normalizing raises audio to -16 LUFS and limits its peaks to -1.5 dBTP', () => {
  const measured = { integrated: -23.71, true_peak: -20.52, range: 1.2, threshold: -33.71 }
  expect(normalize(measured, 96_000, { rate: 48_000, channels: 2 }).join()).toBe(
    'volume=7.71dB,aresample=192000,alimiter=limit=0.841395:level=0:attack=5:release=50:latency=1,' +
      'aresample=48000,aformat=sample_fmts=fltp:channel_layouts=stereo,apad=whole_len=96000,atrim=end_sample=96000',
  )
})
