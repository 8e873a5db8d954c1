/** Measures how long something waits, however many things it waits for at a time. */
export type WaitClock = {
  /** Waits for `work`. */
  during<T>(work: () => Promise<T>): Promise<T>
  /** How long it has waited so far, in ms. */
  ms(): number
}

/** `now` returns ms of a clock that never goes back. */
export function createWaitClock(now: () => number = () => performance.now()): WaitClock {
  let active = 0
  let since = 0
  let finished = 0
  return {
    async during(work) {
      if (active === 0) since = now()
      active += 1
      try {
        return await work()
      } finally {
        active -= 1
        if (active === 0) finished += now() - since
      }
    },
    ms: () => finished + (active > 0 ? now() - since : 0),
  }
}
