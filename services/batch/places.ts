/** The places for jobs in this process, and what happens in them. */
export type Places = {
  /** Runs `work` in a free place; gives undefined, and runs nothing, when there is none. */
  take<T>(work: () => Promise<T>): Promise<T> | undefined
  /** Gives no place away for a while. */
  rest(ms: number): void
  taken(): number
  /** Resolves when every place is free. */
  empty(): Promise<void>
}

/** As many places as `count`. Saying no is cheap; waiting here would hide the backlog from the queue. */
export function createPlaces(count: number): Places {
  const working = new Set<Promise<unknown>>()
  let restsUntil = 0
  return {
    take(work) {
      if (working.size >= count || performance.now() < restsUntil) return undefined
      const job = work().finally(() => working.delete(job))
      working.add(job)
      return job
    },
    rest(ms) {
      restsUntil = performance.now() + ms
    },
    taken: () => working.size,
    async empty() {
      await Promise.allSettled(working)
    },
  }
}
