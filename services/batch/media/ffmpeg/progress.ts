/** Receives progress in whole percent, 0 to 100. */
export type ProgressListener = (percent: number) => void

/** Passes on only what is higher than before, so that a retried step does not show progress going back. */
export function monotonicProgress(listener: ProgressListener): ProgressListener {
  let highest = -1
  return (percent) => {
    if (percent <= highest) return
    highest = percent
    listener(percent)
  }
}

/** Maps the progress of one step to its share of the whole, `from` to `to` percent. */
export const scaledProgress =
  (from: number, to: number, listener: ProgressListener): ProgressListener =>
  (percent) =>
    listener(Math.floor(from + ((to - from) * percent) / 100))
