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
  /** Whether no work is running. */
  isIdle(): boolean
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

/** Work that waits to return: exactly one of the two is called. */
type Return = { grant(): void; refuse(): void }

/** Creates `count` slots. Callers never wait for a slot: that would hide the backlog from the queue. */
export function createJobSlots(count: number): JobSlots {
  const running = new Set<Promise<unknown>>()
  const returning = new Set<Return>()
  let free = count
  let left = 0
  let pause: NodeJS.Timeout | undefined

  /** Passes a slot on to the work that has waited longest to return, if any does. */
  function release() {
    const [next] = returning
    if (!next) {
      free += 1
      return
    }
    returning.delete(next)
    next.grant()
  }

  /** Takes the slot that work begins in. */
  function take(onLeave: (() => void) | undefined) {
    let isHeld = true
    /** Set while the work waits to return. */
    let pending: { request: Return; hasSlot: Promise<boolean> } | undefined
    free -= 1

    function askForSlot() {
      const { promise, resolve } = Promise.withResolvers<boolean>()
      const settle = (hasSlot: boolean) => {
        isHeld = hasSlot
        if (hasSlot) left -= 1
        pending = undefined
        clearTimeout(timer)
        resolve(hasSlot)
      }
      const request = { grant: () => settle(true), refuse: () => settle(false) }
      const timer = setTimeout(() => {
        returning.delete(request)
        request.refuse()
      }, RETURN_MS).unref()
      pending = { request, hasSlot: promise }
      returning.add(request)
      if (free > 0) {
        free -= 1
        release()
      }
      return promise
    }

    const slot: Slot = {
      leave() {
        if (!onLeave || !isHeld || left >= MAX_LEFT) return
        isHeld = false
        left += 1
        release()
        onLeave()
      },
      async return() {
        return isHeld || (pending?.hasSlot ?? askForSlot())
      },
      isHeld: () => isHeld,
      isWanted: () => returning.size > 0,
    }
    const end = () => {
      if (isHeld) return release()
      left -= 1
      if (!pending) return
      returning.delete(pending.request)
      pending.request.refuse()
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
    isIdle: () => running.size === 0,
    async drained() {
      await Promise.allSettled(running)
    },
  }
}
