/** The places for jobs in this process, and what happens in them. */
export type JobSlots = {
  /** Runs `work` in a free place; gives undefined, and runs nothing, when there is none. */
  tryRun<T>(work: () => Promise<T>): Promise<T> | undefined
  /** Gives no place away for a while. */
  pause(ms: number): void
  busy(): number
  /** Resolves when every place is free. */
  drained(): Promise<void>
}

/** As many places as `count`. Saying no is cheap; waiting here would hide the backlog from the queue. */
export function createJobSlots(count: number): JobSlots {
  const working = new Set<Promise<unknown>>()
  let restsUntil = 0
  return {
    tryRun(work) {
      if (working.size >= count || performance.now() < restsUntil) return undefined
      const job = work().finally(() => working.delete(job))
      working.add(job)
      return job
    },
    pause(ms) {
      restsUntil = performance.now() + ms
    },
    busy: () => working.size,
    async drained() {
      await Promise.allSettled(working)
    },
  }
}
