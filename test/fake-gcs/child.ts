import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Fault } from './faults.ts'

/** A stand-in that runs in a process of its own, so that what it holds in memory is not the test's. */
export type FakeGcsChild = {
  url: string
  /** Adds a fault for the next requests. */
  fail(fault: Fault): Promise<void>
  /** Ends every upload session. */
  expireSessions(): Promise<void>
  /** Empty buckets and no faults. */
  reset(): Promise<void>
  close(): Promise<void>
}

export async function forkFakeGcs(...buckets: string[]): Promise<FakeGcsChild> {
  const main = new URL('./main.ts', import.meta.url)
  const child = fork(main, ['0', ...buckets], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  const [line] = await once(child.stdout ?? child, 'data')
  const url = String(line).trim()
  const steer = async (path: string, body?: object) => {
    const { status } = await fetch(`${url}/_fake/${path}`, {
      method: 'POST',
      ...(body && { body: JSON.stringify(body) }),
    })
    if (status !== 204) throw new Error(`The stand-in answered ${status} to ${path}.`)
  }
  return {
    url,
    fail: (fault) => steer('faults', fault),
    expireSessions: () => steer('expire'),
    reset: () => steer('reset'),
    async close() {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}
