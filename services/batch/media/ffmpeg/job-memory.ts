/**
 * The memory of one job, which all of its processes share: each runs within bytes that were granted to it, and what is
 * granted at a time never exceeds the whole.
 */
export type JobMemory = {
  /** Bytes for a process that may run beside others of the job; 0 where memory is unlimited. */
  share: number
  /** Bytes of the whole job; 0 where memory is unlimited. */
  total: number
  /** Sources for which a share turned out not to be enough. */
  large: WeakSet<object>
  /**
   * Runs `work` once so many bytes are free, in the order of the calls.
   * @throws the signal's reason when aborted while waiting
   */
  grant<T>(bytes: number, signal: AbortSignal, work: () => Promise<T>): Promise<T>
}

/** Enough to describe any source that is not made to take memory; see docs/decisions/0023-memory-is-limited-by-job.md. */
const SHARE_BYTES = 384 * 1024 ** 2
const MAX_SHARES = 4

/** The memory of a job with so many bytes; 0: unlimited. */
export function createJobMemory(total: number): JobMemory {
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
    total,
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
  }
}
