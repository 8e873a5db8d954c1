import type { RequestHandler, Response } from 'express'
import { CutroomError } from '#shared/errors.ts'
import type { Principal } from '../http/principal.ts'

/** How many requests of one user wait for their turn, and how long. */
const MAX_WAITING = 100
const MAX_WAIT_MS = 5_000

/**
 * Middleware that works on at most `max` requests of a user at a time in this process, so that one user's many slow requests
 * leave memory and database connections to others. A request is in flight until its reply has been sent.
 * @throws CutroomError `request.rate_limited` when too many wait, or for too long.
 */
export function limitInFlight(max: number): RequestHandler {
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

  return (_req, res, next) => {
    // Its client disconnected during the authentication: no event would end it.
    if (res.closed) return next()
    const { id } = res.locals.user as Principal
    const begin = () => {
      res.once('close', () => leave(id))
      next()
    }
    const count = inFlight.get(id) ?? 0
    if (count < max) {
      inFlight.set(id, count + 1)
      return begin()
    }
    const queue = waiting.get(id) ?? []
    if (queue.length >= MAX_WAITING) throw tooMany(max)
    waiting.set(id, queue)
    waitIn(queue, res, begin, () => next(tooMany(max)))
  }
}

/** Puts a request into a queue; it leaves when its turn comes, when it has waited too long, or when its client is gone. */
function waitIn(queue: (() => void)[], res: Response, begin: () => void, refuse: () => void) {
  const giveUp = () => {
    clearTimeout(timer)
    res.off('close', giveUp)
    const index = queue.indexOf(turn)
    if (index >= 0) queue.splice(index, 1)
  }
  const turn = () => {
    clearTimeout(timer)
    res.off('close', giveUp)
    begin()
  }
  const timer = setTimeout(() => {
    giveUp()
    refuse()
  }, MAX_WAIT_MS)
  res.once('close', giveUp)
  queue.push(turn)
}

const tooMany = (max: number) =>
  new CutroomError(
    'request.rate_limited',
    `You have more than ${max} requests in progress; send the next ones when some have been answered.`,
    { headers: { 'Retry-After': '1' } },
  )
