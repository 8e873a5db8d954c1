import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Failure } from './failures.ts'

/** The fake in a process of its own, so that its memory does not count towards the test's. */
export type FakeGcsChild = {
  url: string
  /** Injects a failure of the next requests. */
  fail(failure: Failure): Promise<void>
  /** Ends every upload session. */
  expireSessions(): Promise<void>
  /** Empties the buckets and removes all failures. */
  reset(): Promise<void>
  close(): Promise<void>
}

export async function forkFakeGcs(...buckets: string[]): Promise<FakeGcsChild> {
  const main = new URL('./main.ts', import.meta.url)
  const child = fork(main, ['0', ...buckets], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  const [line] = await once(child.stdout ?? child, 'data')
  const url = String(line).trim()
  const control = async (path: string, body?: object) => {
    const { status } = await fetch(`${url}/_fake/${path}`, {
      method: 'POST',
      ...(body && { body: JSON.stringify(body) }),
    })
    if (status !== 204) throw new Error(`The fake returned ${status} for ${path}.`)
  }
  return {
    url,
    fail: (failure) => control('failures', failure),
    expireSessions: () => control('expire'),
    reset: () => control('reset'),
    async close() {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}
