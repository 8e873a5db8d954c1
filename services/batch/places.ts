/** The places for jobs in this process, and what happens in them. */
export type Places = {
  /** Runs `work` in a free place; gives undefined, and runs nothing, when there is none. */
  take<T>(work: () => Promise<T>): Promise<T> | undefined
  taken(): number
  /** Resolves when every place is free. */
  empty(): Promise<void>
}

/** As many places as `count`. Saying no is cheap; waiting here would hide the backlog from the queue. */
export function createPlaces(count: number): Places {
  const working = new Set<Promise<unknown>>()
  return {
    take(work) {
      if (working.size >= count) return undefined
      const job = work().finally(() => working.delete(job))
      working.add(job)
      return job
    },
    taken: () => working.size,
    async empty() {
      await Promise.allSettled(working)
    },
  }
}
