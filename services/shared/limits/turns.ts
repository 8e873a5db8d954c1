/** Who waits, and whose turn is next. Keys take turns, each with its calls in order. */
export type Turns<Call> = {
  readonly size: number
  /** Whether `add` would accept a call of this key now. */
  accepts(key: string): boolean
  /** Adds a call, and returns the one that gives way to it, if any. To be called only if `accepts`. */
  add(key: string, call: Call): Call | undefined
  /** Removes and returns the next call. */
  next(): Call | undefined
  /** Removes a call; false when it does not wait any longer. */
  remove(key: string, call: Call): boolean
}

/** When `max` wait, the key with most of them gives up its latest for a key with fewer. */
export function createTurns<Call>({ max, maxPerKey }: { max: number; maxPerKey: number }): Turns<Call> {
  /** In the order of turns: the first key is next, and moves to the end after its turn. */
  const queues = new Map<string, Call[]>()
  let size = 0

  const waitingOf = (key: string) => queues.get(key)?.length ?? 0
  const keyWithMost = () => [...queues].sort(([, a], [, b]) => b.length - a.length)[0]?.[0] ?? ''

  function remove(key: string, call: Call): boolean {
    const calls = queues.get(key)
    const index = calls?.indexOf(call) ?? -1
    if (!calls || index < 0) return false
    calls.splice(index, 1)
    size -= 1
    if (calls.length === 0) queues.delete(key)
    return true
  }

  function displaceOne(): Call | undefined {
    const key = keyWithMost()
    const latest = queues.get(key)?.at(-1)
    if (latest !== undefined) remove(key, latest)
    return latest
  }

  return {
    get size() {
      return size
    },
    accepts(key) {
      const own = waitingOf(key)
      return own < maxPerKey && (size < max || waitingOf(keyWithMost()) > own + 1)
    },
    add(key, call) {
      const displaced = size < max ? undefined : displaceOne()
      const calls = queues.get(key) ?? []
      calls.push(call)
      queues.set(key, calls)
      size += 1
      return displaced
    },
    next() {
      const [first] = queues
      if (!first) return undefined
      const [key, calls] = first
      const call = calls.shift()
      size -= 1
      queues.delete(key)
      if (calls.length > 0) queues.set(key, calls)
      return call
    },
    remove,
  }
}
