import type { Response } from 'express'

/** Aborted when the reply is complete, or the client has disconnected before that. */
export function closedSignal(res: Pick<Response, 'closed' | 'once'>): AbortSignal {
  const closed = new AbortController()
  res.once('close', () => closed.abort(new Error('The client has disconnected.')))
  // Its event has passed when the client disconnected while something was read for it.
  if (res.closed) closed.abort()
  return closed.signal
}

/** Does what ends when the client disconnects. There is nobody to reply to then: its failure is no error, and it has no result. */
export async function whileConnected<T>(
  res: Pick<Response, 'closed' | 'once'>,
  work: (closed: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const closed = closedSignal(res)
  try {
    return await work(closed)
  } catch (error) {
    if (closed.aborted) return undefined
    throw error
  }
}
