/**
 * The job slots of this process: a semaphore that is tried, never waited for. Only work that has left its slot waits for
 * another one.
 */
export type JobSlots = {
  /**
   * Runs `work` in a free slot. Returns undefined, and runs nothing, when no slot is free. `onLeave` is called when the work
   * has left its slot; without it, the work keeps the slot as long as it runs.
   */
  tryRun<T>(work: (slot: Slot) => Promise<T>, onLeave?: () => void): Promise<T> | undefined
  /** Gives out no slot for the next `ms` milliseconds, then calls `onEnd`. */
  pause(ms: number, onEnd?: () => void): void
  isPaused(): boolean
  /** Resolves when the work that is running now has ended, however it ended. */
  drained(): Promise<void>
}

/** The slot that work runs in. */
export type Slot = {
  /** Leaves the slot to other work while this one only waits. Does nothing when many have done so already. */
  leave(): void
  /** Resolves once the work has a slot again, before any that has not begun. */
  return(): Promise<void>
  /** Whether the work has a slot now. */
  isHeld(): boolean
  /** Whether other work waits to return to a slot: this one should not begin anything else in its own. */
  isWanted(): boolean
}

/** Work that waits takes no processor time, but some memory, and a connection. */
const MAX_LEFT = 32

/** Creates `count` slots. Callers never wait for a slot: that would hide the backlog from the queue. */
export function createJobSlots(count: number): JobSlots {
  const running = new Set<Promise<unknown>>()
  const returning = new Set<PromiseWithResolvers<void>>()
  let free = count
  let left = 0
  let pause: NodeJS.Timeout | undefined

  function release() {
    const [next] = returning
    if (!next) free += 1
    returning.delete(next as PromiseWithResolvers<void>)
    next?.resolve()
  }

  /** Takes the slot that work begins in. */
  function take(onLeave: (() => void) | undefined) {
    let isHeld = true
    let back: PromiseWithResolvers<void> | undefined
    free -= 1
    const slot: Slot = {
      leave() {
        if (!onLeave || !isHeld || left >= MAX_LEFT) return
        isHeld = false
        left += 1
        release()
        onLeave()
      },
      async return() {
        if (isHeld) return
        if (!back) {
          back = Promise.withResolvers()
          returning.add(back)
          if (free > 0) {
            free -= 1
            release()
          }
        }
        await back.promise
        if (isHeld) return
        isHeld = true
        left -= 1
        back = undefined
      },
      isHeld: () => isHeld,
      isWanted: () => returning.size > 0,
    }
    const end = () => {
      if (isHeld) return release()
      left -= 1
      if (back && !returning.delete(back)) release()
    }
    return { slot, end }
  }

  return {
    tryRun(work, onLeave) {
      if (free === 0 || pause) return undefined
      const { slot, end } = take(onLeave)
      const job = work(slot).finally(() => {
        running.delete(job)
        end()
      })
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
