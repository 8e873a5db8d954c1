/** A simulated clock, in seconds from 0 on. */
export type Clock = {
  now(): number
  /** Runs something later: in the order of times, and of calls where they are equal. */
  at(time: number, run: () => void): void
  /** Lets time pass until nothing is left to run. */
  run(): void
}

export function createClock(): Clock {
  /** The next one is the last. */
  const entries: { time: number; run: () => void }[] = []
  let now = 0

  /** Before which entry something at `time` belongs: those of the same time, which came first, stay nearer to the end. */
  function indexFor(time: number): number {
    let [low, high] = [0, entries.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((entries[middle]?.time ?? 0) > time) low = middle + 1
      else high = middle
    }
    return low
  }

  return {
    now: () => now,
    at(time, run) {
      const from = Math.max(now, time)
      entries.splice(indexFor(from), 0, { time: from, run })
    },
    run() {
      for (let next = entries.pop(); next; next = entries.pop()) {
        now = next.time
        next.run()
      }
    },
  }
}
