import { setTimeout as delay } from 'node:timers/promises'

/** A request that has its turn. */
export type Connection = {
  /** True when another request to the host was under way at some moment of this one. */
  shared(): boolean
  /** Ends the request. A second call does nothing. */
  release(): void
}

/**
 * The requests of one job to its hosts: as many at a time as are wanted, until a host turns out to serve only one. Many
 * file hosts limit the connections of each client. Jobs do not wait for each other: one of them may read for minutes.
 */
export type HostConnections = {
  /** Resolves when a request may be sent. Rejects with the signal's reason when aborted. */
  acquire(host: string, signal: AbortSignal | undefined): Promise<Connection>
  /** From now on, requests to this host take turns. */
  limitToOne(host: string): void
}

type HostState = { active: Set<{ shared: boolean }>; waiting: Set<() => void>; oneAtATime: boolean }

export function createHostConnections(): HostConnections {
  const hosts = new Map<string, HostState>()

  function stateOf(host: string): HostState {
    const state = hosts.get(host) ?? { active: new Set(), waiting: new Set(), oneAtATime: false }
    hosts.set(host, state)
    return state
  }

  async function acquire(host: string, signal: AbortSignal | undefined): Promise<Connection> {
    const state = stateOf(host)
    const { active, waiting } = state
    while (state.oneAtATime && active.size > 0) await turn(state, signal)
    signal?.throwIfAborted()
    const own = { shared: active.size > 0 }
    for (const other of active) other.shared = true
    active.add(own)
    return {
      shared: () => own.shared,
      release() {
        if (!active.delete(own)) return
        for (const wake of waiting) wake()
      },
    }
  }

  return {
    acquire,
    limitToOne(host) {
      stateOf(host).oneAtATime = true
    },
  }
}

/** Resolves when a request to the host has ended. */
function turn({ waiting }: HostState, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      waiting.delete(wake)
      signal?.removeEventListener('abort', abort)
      settle()
    }
    const wake = () => end(resolve)
    const abort = () => end(() => reject(signal?.reason))
    if (signal?.aborted) return reject(signal.reason)
    waiting.add(wake)
    signal?.addEventListener('abort', abort)
  })
}

/** The longest time that a request waits because a host asks for it; a job that must wait longer is retried later. */
const MAX_RETRY_AFTER_MS = 10_000

/**
 * Waits as long as a Retry-After header says. Resolves with false, at once, when that is too long or the header names
 * no time: https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
 */
export async function waitRetryAfter(
  header: string | undefined,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const ms = retryAfterMs(header)
  if (ms === undefined || ms > MAX_RETRY_AFTER_MS) return false
  await delay(ms, undefined, { signal }).catch(() => signal?.throwIfAborted())
  return true
}

function retryAfterMs(header = ''): number | undefined {
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now())
}
