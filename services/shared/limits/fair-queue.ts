import { createTurns, type Turns } from './turns.ts'

/** Runs work a few at a time, and lets those who wait take turns. */
export type FairQueue = {
  /** Runs `work` when it is the turn of `key`. Undefined, and nothing is run, when too many already wait. */
  run<T>(key: string, work: () => Promise<T>, options?: CallOptions): Promise<T> | undefined
  /** Whether a call of this key would be accepted now. */
  accepts(key: string, options?: Pick<CallOptions, 'isPreferred'>): boolean
  /** How many wait. */
  waiting(): number
  /** Resolves when nothing runs or waits. */
  drained(): Promise<void>
}

export type CallOptions = {
  /** Makes the call leave the queue when it is aborted, and reject with its reason. */
  signal?: AbortSignal
  /** Preferred calls get every second turn while there are others, and wait apart from them. */
  isPreferred?: boolean
}

export type FairQueueOptions = {
  concurrency: number
  /** All that may wait, and as many preferred ones. A key with fewer waiting calls displaces the latest of the key with most. */
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
export function createFairQueue(options: FairQueueOptions): FairQueue {
  const { concurrency, maxWaiting, maxWaitingPerKey, displaced } = options
  const limits = { max: maxWaiting, maxPerKey: maxWaitingPerKey }
  const preferred = createTurns<Call>(limits)
  const others = createTurns<Call>(limits)
  const running = new Set<Promise<unknown>>()
  let last: Turns<Call> = others
  let drained: PromiseWithResolvers<void> | undefined

  const turnsOf = ({ isPreferred = false }: CallOptions) => (isPreferred ? preferred : others)
  const waiting = () => preferred.size + others.size

  function startNext() {
    if (running.size >= concurrency || waiting() === 0) return
    const other = last === preferred ? others : preferred
    last = other.size > 0 ? other : last
    last.next()?.start()
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

  function wait<T>(key: string, work: () => Promise<T>, turns: Turns<Call>, signal?: AbortSignal) {
    return new Promise<T>((resolve, reject) => {
      const abort = () => {
        if (turns.remove(key, call)) call.fail(signal?.reason)
      }
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
      signal?.addEventListener('abort', abort, { once: true })
      turns.add(key, call)?.fail(displaced())
    })
  }

  return {
    run(key, work, call = {}) {
      if (call.signal?.aborted) return Promise.reject(call.signal.reason)
      if (running.size < concurrency && waiting() === 0) return execute(work)
      const turns = turnsOf(call)
      return turns.accepts(key) ? wait(key, work, turns, call.signal) : undefined
    },
    accepts: (key, call = {}) => turnsOf(call).accepts(key),
    waiting,
    async drained() {
      if (running.size === 0) return
      drained ??= Promise.withResolvers()
      await drained.promise
    },
  }
}
