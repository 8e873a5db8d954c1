import { createSession } from 'better-sse'
import type { Request, Response } from 'express'
import type { Task } from '#shared/contract/tasks.ts'
import { isActive } from '#shared/tasks/status.ts'

export type EventSource = {
  /** The task now, or undefined when it is gone. */
  look(): Promise<Task | undefined>
  /** Calls back when the task may have changed; the result ends that. */
  watch(changed: () => void): () => void
  stopping: AbortSignal
}

// Notifications can be missed; a look at the row now and then cannot.
const lookAgainMs = 2_000

/** Sends a `task` event at once and at every change, until the task is over or the client is gone. */
export async function streamEvents(req: Request, res: Response, source: EventSource): Promise<void> {
  const session = await createSession(req, res)
  const end = new AbortController()
  res.once('close', () => end.abort())
  source.stopping.addEventListener('abort', () => end.abort(), { once: true, signal: end.signal })

  let changed = newSignal()
  const unwatch = source.watch(() => changed.give())
  let last = ''
  try {
    while (!end.signal.aborted) {
      // Anew before the look: a change in the middle of it may not be in what it saw.
      changed = newSignal()
      const task = await source.look()
      const now = JSON.stringify(task)
      if (task && now !== last) session.push(task, 'task')
      last = now
      if (!task || !isActive(task.status)) break
      await Promise.race([changed.given, delay(lookAgainMs, end.signal)])
    }
  } finally {
    unwatch()
    res.end()
  }
}

function newSignal() {
  let give = () => {}
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { given, give }
}

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}
