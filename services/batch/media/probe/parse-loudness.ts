import { z } from 'zod'

/** Loudness by EBU R 128: LUFS, except `range` in LU and `true_peak` in dBTP. */
export type Loudness = { integrated: number; range: number; true_peak: number; threshold: number }

const LoudnormOutput = z.object({
  input_i: z.coerce.number(),
  input_tp: z.coerce.number(),
  input_lra: z.coerce.number(),
  input_thresh: z.coerce.number(),
})

/** R 128 gates at -70 LUFS, so loudnorm reports about that much for near silence. */
const SILENCE_LUFS = -69

/**
 * The loudness that `loudnorm=print_format=json` printed among ffmpeg's lines; undefined for silence, which has
 * none.
 * @throws SyntaxError when nothing was printed: then the run did not measure.
 */
export function parseLoudness(lines: string[]): Loudness | undefined {
  const from = lines.findLastIndex((line) => line.trim() === '{')
  const to = lines.findLastIndex((line) => line.trim() === '}')
  const json: unknown = JSON.parse(lines.slice(from, to + 1).join('\n'))
  // loudnorm quotes its numbers and prints "-inf" for digital silence, which is not a number.
  const { data } = LoudnormOutput.safeParse(json)
  if (!data || !Number.isFinite(data.input_i) || !Number.isFinite(data.input_tp)) return undefined
  if (data.input_i < SILENCE_LUFS) return undefined
  return {
    integrated: data.input_i,
    true_peak: data.input_tp,
    range: data.input_lra,
    threshold: data.input_thresh,
  }
}
