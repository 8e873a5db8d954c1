/** Runs work a few at a time, and lets those who wait take turns. */
export type FairQueue = {
  /**
   * Runs `work` when it is the turn of `key`. Undefined, and nothing is run, when too many already wait.
   * Leaves the queue when `signal` is aborted, and rejects with its reason.
   */
  run<T>(key: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> | undefined
  /** Whether a call of this key would be accepted now. */
  accepts(key: string): boolean
  /** How many wait. */
  waiting(): number
  /** Resolves when nothing runs or waits. */
  drained(): Promise<void>
}

export type FairQueueOptions = {
  concurrency: number
  /** All that may wait. A key with fewer waiting calls displaces the latest one of the key that has most. */
  maxWaiting: number
  maxWaitingPerKey: number
  /** The error for a call that was displaced. */
  displaced: () => Error
}

type Call = { start(): void; fail(error: unknown): void }

/**
 * Keys (addresses, users) take turns, each with its calls in order: whoever sends a hundred calls delays another key's first
 * by one.
 */
export function createFairQueue({
  concurrency,
  maxWaiting,
  maxWaitingPerKey,
  displaced,
}: FairQueueOptions): FairQueue {
  /** In the order of turns: the first key is next, and moves to the end after its turn. */
  const queues = new Map<string, Call[]>()
  const running = new Set<Promise<unknown>>()
  let waiting = 0
  let drained: PromiseWithResolvers<void> | undefined

  function startNext() {
    const [first] = queues
    if (running.size >= concurrency || !first) return
    const [key, calls] = first
    const call = calls.shift()
    waiting -= 1
    queues.delete(key)
    if (calls.length > 0) queues.set(key, calls)
    call?.start()
  }

  function execute<T>(work: () => Promise<T>): Promise<T> {
    const result = work()
    const ended = result
      .catch(() => undefined)
      .then(() => {
        running.delete(ended)
        startNext()
        if (running.size > 0) return
        drained?.resolve()
        drained = undefined
      })
    running.add(ended)
    return result
  }

  function leave(key: string, call: Call, error: unknown) {
    const calls = queues.get(key)
    const index = calls?.indexOf(call) ?? -1
    if (!calls || index < 0) return
    calls.splice(index, 1)
    waiting -= 1
    if (calls.length === 0) queues.delete(key)
    call.fail(error)
  }

  const keyWithMost = () => [...queues].sort(([, a], [, b]) => b.length - a.length)[0]

  /** Whether there is space for a call of a key that has `own` waiting, or will be when another gives way to it. */
  function hasSpace(own: number): boolean {
    if (own >= maxWaitingPerKey) return false
    return waiting < maxWaiting || (keyWithMost()?.[1].length ?? 0) > own + 1
  }

  function makeSpace() {
    if (waiting < maxWaiting) return
    const [key, calls] = keyWithMost() ?? []
    const latest = calls?.at(-1)
    if (key !== undefined && latest) leave(key, latest, displaced())
  }

  return {
    run(key, work, signal) {
      if (signal?.aborted) return Promise.reject(signal.reason)
      if (running.size < concurrency && waiting === 0) return execute(work)
      const own = queues.get(key) ?? []
      if (!hasSpace(own.length)) return undefined
      makeSpace()
      return new Promise((resolve, reject) => {
        const abort = () => leave(key, call, signal?.reason)
        const call: Call = {
          start() {
            signal?.removeEventListener('abort', abort)
            resolve(execute(work))
          },
          fail(error) {
            signal?.removeEventListener('abort', abort)
            reject(error)
          },
        }
        own.push(call)
        waiting += 1
        queues.set(key, own)
        signal?.addEventListener('abort', abort, { once: true })
      })
    },
    accepts: (key) => hasSpace(queues.get(key)?.length ?? 0),
    waiting: () => waiting,
    async drained() {
      if (running.size === 0) return
      drained ??= Promise.withResolvers()
      await drained.promise
    },
  }
}
