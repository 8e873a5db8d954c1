/** The job slots of this process: a semaphore that is tried, never waited for. */
export type JobSlots = {
  /** Runs `work` in a free slot. Returns undefined, and runs nothing, when no slot is free. */
  tryRun<T>(work: () => Promise<T>): Promise<T> | undefined
  /** Gives out no slot for the next `ms` milliseconds, then calls `onEnd`. */
  pause(ms: number, onEnd?: () => void): void
  isPaused(): boolean
  /** Resolves when the work that is running now has ended, however it ended. */
  drained(): Promise<void>
}

/** Creates `count` slots. Callers never wait for a slot: that would hide the backlog from the queue. */
export function createJobSlots(count: number): JobSlots {
  const running = new Set<Promise<unknown>>()
  let pause: NodeJS.Timeout | undefined
  return {
    tryRun(work) {
      if (running.size >= count || pause) return undefined
      const job = work().finally(() => running.delete(job))
      running.add(job)
      return job
    },
    pause(ms, onEnd) {
      clearTimeout(pause)
      pause = setTimeout(() => {
        pause = undefined
        onEnd?.()
      }, ms).unref()
    },
    isPaused: () => pause !== undefined,
    async drained() {
      await Promise.allSettled(running)
    },
  }
}
