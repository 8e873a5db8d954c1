import { once } from 'node:events'
import { createSession, type Session } from 'better-sse'
import type { Request, Response } from 'express'
import { closedSignal } from '#shared/http/while-connected.ts'

export type ChangeSource = {
  /** Whether the caller still is who the stream was opened for: a token can expire or be revoked meanwhile. */
  isAuthorized(): Promise<boolean>
  /** Calls `onChange` when there may be something to send, until the returned function is called. Calls can be missed. */
  subscribe(onChange: () => void): () => void
  /** Ends the stream. */
  stopping: AbortSignal
  /** How often to read without a notification, since notifications can be missed. */
  pollMs: number
  /**
   * Reads what there is to send and returns what is left to do with it: `send`, which is not called once the client has gone, and
   * what is `next`: `wait` for the next change, read `again` at once, or `end` the stream.
   */
  read(): Promise<{ send(push: Session['push']): void; next: 'wait' | 'again' | 'end' }>
}

/**
 * Replies with server-sent events, and reads what there is to send, at once and after every change, until the source ends the
 * stream, the client disconnects, the service stops, or the caller is no longer authorized, which is noticed with the next read.
 * Waits for a client that reads slowly.
 */
export async function streamChanges(req: Request, res: Response, source: ChangeSource): Promise<void> {
  const session = await createSession(req, res)
  const end = AbortSignal.any([closedSignal(res), source.stopping])

  let change = Promise.withResolvers<void>()
  const wake = () => change.resolve()
  end.addEventListener('abort', wake)
  const unsubscribe = source.subscribe(wake)
  const poll = setInterval(wake, source.pollMs)
  try {
    while (!end.aborted) {
      // Renewed before the read, whose result may lack a change that happens meanwhile.
      change = Promise.withResolvers()
      if (!(await source.isAuthorized())) break
      const { send, next } = await source.read()
      // The client may have gone meanwhile.
      if (!session.isConnected) break
      send(session.push)
      if (next === 'end') break
      // Also before it waits for a change: Node would keep every message for a client that does not read.
      if (res.writableNeedDrain) await once(res, 'drain', { signal: end }).catch(() => undefined)
      if (next === 'wait') await change.promise
    }
  } finally {
    clearInterval(poll)
    unsubscribe()
    res.end()
  }
}
