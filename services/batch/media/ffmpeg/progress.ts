/** Hears whole per cent. */
export type ProgressListener = (percent: number) => void

/** Lets through only what is more than before: a second try begins anew, its owner need not see that. */
export function monotonicProgress(hear: ProgressListener): ProgressListener {
  let highest = -1
  return (percent) => {
    if (percent <= highest) return
    highest = percent
    hear(percent)
  }
}

/** Takes the progress of one step for a stretch of the whole, both in per cent. */
export const scaledProgress =
  (from: number, to: number, hear: ProgressListener): ProgressListener =>
  (percent) =>
    hear(Math.floor(from + ((to - from) * percent) / 100))
