import type { Sound } from './canvas.ts'
import { perSecond, type Rate } from './rates.ts'

/** Samples that last as long as these ticks. */
export const samplesOf = (ticks: number, rate: Rate, sound: Sound): number =>
  Math.round((ticks * sound.rate) / perSecond(rate))

const layout = ({ channels }: Sound) => (channels === 1 ? 'mono' : 'stereo')

/** Filters that bring a source's sound to exactly `samples` samples; gaps become silence. */
export const sourceSound = (samples: number, sound: Sound): string[] => [
  `aresample=${sound.rate}:async=1:first_pts=0`,
  `aformat=sample_fmts=fltp:channel_layouts=${layout(sound)}`,
  ...exactly(samples),
]

/** Filters that pad or cut sound to exactly `samples` samples. */
export const exactly = (samples: number): string[] => [
  `apad=whole_len=${samples}`,
  `atrim=end_sample=${samples}`,
]

/** Silence of exactly `samples` samples. */
export const silence = (samples: number, sound: Sound): string[] => [
  `anullsrc=r=${sound.rate}:cl=${layout(sound)}`,
  `atrim=end_sample=${samples}`,
  `aformat=sample_fmts=fltp:channel_layouts=${layout(sound)}`,
]

/** Loudness as EBU R128 measures it: LUFS, LU and dBTP. */
export type Loudness = { integrated: number; range: number; true_peak: number; threshold: number }

/** What normalized sound is brought to: LUFS, dBTP, LU. */
const AIM = 'I=-16:TP=-1.5:LRA=11'

/** Filter that measures loudness and prints it as JSON when it ends. */
export const measuring: string[] = [`loudnorm=${AIM}:print_format=json`]

/** Filters that bring sound of a measured loudness to -16 LUFS, and keep its length. */
export const normalizing = (measured: Loudness, samples: number, sound: Sound): string[] => [
  `loudnorm=${AIM}:measured_I=${measured.integrated}:measured_TP=${measured.true_peak}` +
    `:measured_LRA=${measured.range}:measured_thresh=${measured.threshold}:linear=true`,
  // loudnorm works, and ends, at 192 kHz.
  `aresample=${sound.rate}`,
  `aformat=sample_fmts=fltp:channel_layouts=${layout(sound)}`,
  ...exactly(samples),
]
