import { z } from 'zod'
import type { Loudness } from '../plan/audio-filters.ts'

const Printed = z.object({
  input_i: z.coerce.number(),
  input_tp: z.coerce.number(),
  input_lra: z.coerce.number(),
  input_thresh: z.coerce.number(),
})

/**
 * The loudness that the measuring filter printed among ffmpeg's lines; undefined for silence, which has none.
 * Throws when nothing was printed: then the run was none of measuring.
 */
export function parseLoudness(lines: string[]): Loudness | undefined {
  const from = lines.findLastIndex((line) => line.trim() === '{')
  const to = lines.findLastIndex((line) => line.trim() === '}')
  const text = lines.slice(from, to + 1).join('\n')
  // "-inf" is no JSON number, but loudnorm quotes its numbers.
  const { input_i, input_tp, input_lra, input_thresh } = Printed.catch({
    input_i: Number.NaN,
    input_tp: 0,
    input_lra: 0,
    input_thresh: 0,
  }).parse(JSON.parse(text))
  if (!Number.isFinite(input_i) || !Number.isFinite(input_tp) || input_i < -69) return undefined
  return { integrated: input_i, true_peak: input_tp, range: input_lra, threshold: input_thresh }
}
