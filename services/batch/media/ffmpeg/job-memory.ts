/**
 * The memory of one job, which all of its processes share: each runs within bytes that were granted to it, and what is
 * granted at a time never exceeds the whole.
 */
export type JobMemory = {
  /** Bytes for a process that may run beside others of the job; 0 where memory is unlimited. */
  share: number
  /** Bytes of the whole job; 0 where memory is unlimited. */
  readonly total: number
  /** Sources for which a share turned out not to be enough. */
  large: WeakSet<object>
  /**
   * Runs `work` once so many bytes are free, in the order of the calls.
   * @throws the signal's reason when aborted while waiting
   */
  grant<T>(bytes: number, signal: AbortSignal, work: () => Promise<T>): Promise<T>
  /**
   * Makes `total` so many bytes at least, or as many as the worker has, with what its other jobs leave. No process of the job may run
   * meanwhile. Resolves to whether the job got any more.
   * @throws what `slots.take` throws
   */
  grow(bytes: number, signal: AbortSignal): Promise<boolean>
}

/**
 * The slots of a worker, each with the same memory: a job takes several in place of one, and has them until it ends. `take` waits until
 * they are free, and throws when they are not for a while.
 */
export type MemorySlots = { count: number; take(count: number, signal: AbortSignal): Promise<void> }

/** Enough to describe any source that is not made to take memory; see docs/decisions/0023-memory-is-limited-by-job.md. */
const SHARE_BYTES = 384 * 1024 ** 2
const MAX_SHARES = 4

/** The memory of a job that has so many bytes in each slot; 0: unlimited. Without `slots` it has one, and no more. */
export function createJobMemory(slotBytes: number, slots?: MemorySlots): JobMemory {
  let total = slotBytes
  const share = Math.floor(total / Math.min(MAX_SHARES, Math.max(1, Math.floor(total / SHARE_BYTES))))
  const waiting: { bytes: number; start: () => void }[] = []
  let free = total

  function startWaiting() {
    for (let next = waiting[0]; next && next.bytes <= free; next = waiting[0]) {
      waiting.shift()
      free -= next.bytes
      next.start()
    }
  }

  function turn(bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry = {
        bytes,
        start() {
          signal.removeEventListener('abort', leave)
          resolve()
        },
      }
      const leave = () => {
        waiting.splice(waiting.indexOf(entry), 1)
        reject(signal.reason)
        startWaiting()
      }
      signal.addEventListener('abort', leave, { once: true })
      waiting.push(entry)
      startWaiting()
    })
  }

  return {
    share,
    get total() {
      return total
    },
    large: new WeakSet(),
    async grant(bytes, signal, work) {
      signal.throwIfAborted()
      if (total === 0) return await work()
      await turn(bytes, signal)
      try {
        return await work()
      } finally {
        free += bytes
        startWaiting()
      }
    },
    async grow(bytes, signal) {
      if (!slots || bytes <= total) return false
      const count = Math.min(slots.count, Math.ceil(bytes / slotBytes))
      const more = count * slotBytes - total
      if (more <= 0) return false
      await slots.take(count, signal)
      total += more
      free += more
      startWaiting()
      return true
    },
  }
}
