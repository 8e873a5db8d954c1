import type { ErrorRequestHandler } from 'express'
import { CutroomError } from '#shared/errors.ts'
import { clientAddress } from './client-address.ts'

/** So many refusals of an address are sent at once in each window; the others are delayed. */
const AT_ONCE = 20
const WINDOW_MS = 10_000
const DELAY_MS = 1_000
/** Each delayed reply keeps a connection open. */
const MAX_DELAYED = 1_000

/**
 * Error middleware that delays the refusals of a client that goes on in spite of them. A refusal costs half a millisecond of
 * processor time: 60 connections that ask again at once would take most of what there is for everybody. A connection that has to
 * wait asks once a second. Clients on the machine itself, such as tests, are not delayed.
 */
export function delayRefusals(now = () => performance.now()): ErrorRequestHandler {
  let windowStart = now()
  const refused = new Map<string, number>()
  let delayed = 0

  /** Counts a refusal; returns whether it has to wait. */
  function isTooMany(address: string): boolean {
    if (now() - windowStart > WINDOW_MS) {
      windowStart = now()
      refused.clear()
    }
    const count = (refused.get(address) ?? 0) + 1
    refused.set(address, count)
    return count > AT_ONCE && delayed < MAX_DELAYED
  }

  return (error, req, _res, next) => {
    const isRefusal = error instanceof CutroomError && error.code === 'request.rate_limited'
    const address = clientAddress(req)
    if (!isRefusal || address.isLoopback || !isTooMany(address.text)) return next(error)
    delayed += 1
    setTimeout(() => {
      delayed -= 1
      next(error)
    }, DELAY_MS)
  }
}
