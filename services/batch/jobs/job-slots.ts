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
  /**
   * Waits for a slot, which the work gets before any that has not begun. Resolves to false when none was free for a while: other
   * workers may have one.
   */
  return(): Promise<boolean>
  /** Whether the work has a slot now. */
  isHeld(): boolean
  /** Whether other work waits to return to a slot: this one should not begin anything else in its own. */
  isWanted(): boolean
}

/** Longer waiting would leave a job here that another worker could be working on. */
const RETURN_MS = 2_000

/** Work that waits takes no processor time, but some memory, and a connection. */
const MAX_LEFT = 32

/** Creates `count` slots. Callers never wait for a slot: that would hide the backlog from the queue. */
export function createJobSlots(count: number): JobSlots {
  const running = new Set<Promise<unknown>>()
  const returning = new Set<PromiseWithResolvers<boolean>>()
  let free = count
  let left = 0
  let pause: NodeJS.Timeout | undefined

  function release() {
    const [next] = returning
    if (!next) {
      free += 1
      return
    }
    returning.delete(next)
    next.resolve(true)
  }

  function requestSlot() {
    const request = Promise.withResolvers<boolean>()
    if (free > 0) {
      free -= 1
      request.resolve(true)
      return request
    }
    returning.add(request)
    setTimeout(() => {
      if (returning.delete(request)) request.resolve(false)
    }, RETURN_MS).unref()
    return request
  }

  /** Takes the slot that work begins in. */
  function take(onLeave: (() => void) | undefined) {
    let isHeld = true
    let back: PromiseWithResolvers<boolean> | undefined
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
        if (isHeld) return true
        back ??= requestSlot()
        const hasSlot = await back.promise
        back = undefined
        if (hasSlot && !isHeld) {
          isHeld = true
          left -= 1
        }
        return hasSlot
      },
      isHeld: () => isHeld,
      isWanted: () => returning.size > 0,
    }
    const end = () => {
      if (isHeld) return release()
      left -= 1
      if (back && returning.delete(back)) back.resolve(false)
      else void back?.promise.then((hasSlot) => hasSlot && release())
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
