/** One measurement: bytes sent by a point in time, in milliseconds. */
export type Sample = { at: number; bytes: number }

const WINDOW_MS = 8_000
/** Shorter times tell nothing. */
const MIN_MS = 250

/** The samples of the last seconds, with a new one. Pure. */
export const withSample = (samples: Sample[], sample: Sample): Sample[] => [
  ...samples.filter(({ at, bytes }) => sample.at - at < WINDOW_MS && bytes <= sample.bytes),
  sample,
]

/** Bytes per second over the samples; undefined until there is something to go by. Pure. */
export function speedOf(samples: Sample[]): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)]
  if (!first || !last || last.at - first.at < MIN_MS) return undefined
  return ((last.bytes - first.bytes) / (last.at - first.at)) * 1000
}
