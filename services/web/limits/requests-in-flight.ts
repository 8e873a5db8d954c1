import type { Response } from 'express'
import { CutroomError } from '#shared/errors.ts'

/** The requests of each user that this process works on. */
export type RequestsInFlight = {
  /**
   * Counts a request until its reply has been sent; resolves when its turn has come.
   * @throws CutroomError `request.rate_limited` when too many wait, or for too long.
   */
  enter(userId: string, res: Pick<Response, 'closed' | 'once' | 'off'>): Promise<void>
}

/** How many requests of one user wait for their turn, and how long. */
const MAX_WAITING = 100
const MAX_WAIT_MS = 5_000

/**
 * Works on at most `max` requests of a user at a time, so that one user's many slow requests leave memory and database
 * connections to others.
 */
export function createRequestsInFlight(max: number): RequestsInFlight {
  const inFlight = new Map<string, number>()
  const waiting = new Map<string, (() => void)[]>()

  function leave(userId: string) {
    const next = waiting.get(userId)?.shift()
    if (next) return next()
    waiting.delete(userId)
    const left = (inFlight.get(userId) ?? 1) - 1
    if (left > 0) inFlight.set(userId, left)
    else inFlight.delete(userId)
  }

  return {
    async enter(userId, res) {
      // Its client disconnected during the authentication: no event would end it.
      if (res.closed) return
      const count = inFlight.get(userId) ?? 0
      if (count < max) {
        inFlight.set(userId, count + 1)
      } else {
        const queue = waiting.get(userId) ?? []
        if (queue.length >= MAX_WAITING) throw tooMany(max)
        waiting.set(userId, queue)
        await turnIn(queue, res, max)
      }
      res.once('close', () => leave(userId))
    },
  }
}

/**
 * Resolves when the turn of a request has come. It leaves the queue when it has waited too long, and when its client is gone;
 * then nobody waits for the promise.
 */
function turnIn(queue: (() => void)[], res: Pick<Response, 'once' | 'off'>, max: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const turn = () => {
      clearTimeout(timer)
      res.off('close', giveUp)
      resolve()
    }
    const giveUp = () => {
      clearTimeout(timer)
      res.off('close', giveUp)
      queue.splice(queue.indexOf(turn), 1)
    }
    const timer = setTimeout(() => {
      giveUp()
      reject(tooMany(max))
    }, MAX_WAIT_MS)
    res.once('close', giveUp)
    queue.push(turn)
  })
}

const tooMany = (max: number) =>
  new CutroomError(
    'request.rate_limited',
    `You have more than ${max} requests in progress; send the next ones when some have been answered.`,
    { headers: { 'Retry-After': '1' } },
  )
