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
  /** Whether other work waits for a slot: this one should not begin anything else in its own. */
  isWanted(): boolean
  /**
   * Takes so many slots for this work, or all there are, in place of one; they are free when it calls `narrow`. Meanwhile it leaves
   * its own, so that two of its kind never wait for each other, and nothing else begins, so that it gets its turn. Resolves to false
   * when other work has not ended for a while.
   * @throws the signal's reason when aborted while waiting
   */
  widen(count: number, signal: AbortSignal): Promise<boolean>
  /** Keeps no more than one slot. Does nothing where the work has no more. */
  narrow(): void
}

/** Longer waiting would leave a job here that another worker could be working on. */
const RETURN_MS = 2_000

/** Most jobs take no longer: chunks are sized so, and renders that take longer are divided. */
const WIDEN_MS = 120_000

/** Work that waits takes no processor time, but some memory, and a connection. */
const MAX_LEFT = 32

/** Work that waits for slots. */
type Request = { count: number; grant(): void }

/** Creates `count` slots. Callers never wait for a slot: that would hide the backlog from the queue. */
export function createJobSlots(count: number): JobSlots {
  const running = new Set<Promise<unknown>>()
  const requests = new Set<Request>()
  let free = count
  let left = 0
  let pause: NodeJS.Timeout | undefined

  /** Passes slots on to the work that has waited longest for some, if they are enough for it. */
  function release(freed: number) {
    free += freed
    for (const next of requests) {
      if (next.count > free) return
      requests.delete(next)
      free -= next.count
      next.grant()
    }
  }

  /**
   * Asks for slots, after those who have asked before. `settle` is called once: whether they were free in time, before the signal was
   * aborted. The result withdraws the request.
   */
  function ask(
    wanted: number,
    timeoutMs: number,
    settle: (isGranted: boolean) => void,
    signal?: AbortSignal,
  ) {
    const conclude = (isGranted: boolean) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', withdraw)
      settle(isGranted)
    }
    const request = { count: wanted, grant: () => conclude(true) }
    const withdraw = () => {
      if (!requests.delete(request)) return
      conclude(false)
      // It may have kept others from what is free.
      release(0)
    }
    const timer = setTimeout(withdraw, timeoutMs).unref()
    signal?.addEventListener('abort', withdraw, { once: true })
    requests.add(request)
    release(0)
    return withdraw
  }

  /** Takes the slot that work begins in. */
  function take(onLeave: (() => void) | undefined) {
    let held = 1
    let hasLeft = false
    /** Set while the work waits for slots. */
    let pending: { hasSlot: Promise<boolean>; withdraw?: () => void } | undefined
    free -= 1

    function waitFor(wanted: number, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
      const { promise, resolve } = Promise.withResolvers<boolean>()
      const settle = (isGranted: boolean) => {
        pending = undefined
        if (isGranted) {
          held = wanted
          comeBack()
        }
        resolve(isGranted)
      }
      pending = { hasSlot: promise }
      const withdraw = ask(wanted, timeoutMs, settle, signal)
      if (pending) pending.withdraw = withdraw
      return promise
    }

    /** No longer counts as one that has left. */
    function comeBack() {
      if (hasLeft) left -= 1
      hasLeft = false
    }

    function giveUp() {
      const freed = held
      held = 0
      release(freed)
    }

    const slot: Slot = {
      leave() {
        if (!onLeave || held === 0 || left >= MAX_LEFT) return
        hasLeft = true
        left += 1
        giveUp()
        onLeave()
      },
      async return() {
        if (held > 0) return true
        return pending?.hasSlot ?? waitFor(1, RETURN_MS)
      },
      isHeld: () => held > 0,
      isWanted: () => requests.size > 0,
      async widen(wanted, signal) {
        signal.throwIfAborted()
        const taken = Math.min(wanted, count)
        if (held >= taken) return true
        giveUp()
        const hasSlots = await waitFor(taken, WIDEN_MS, signal)
        signal.throwIfAborted()
        return hasSlots
      },
      narrow() {
        if (held <= 1) return
        const freed = held - 1
        held = 1
        release(freed)
        onLeave?.()
      },
    }
    const end = () => {
      pending?.withdraw?.()
      comeBack()
      giveUp()
    }
    return { slot, end }
  }

  return {
    tryRun(work, onLeave) {
      if (free === 0 || requests.size > 0 || pause) return undefined
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
