import { CutroomError } from '#shared/errors.ts'
import type { BatchClient } from './batch-client.ts'

/**
 * Lets each user ask for one plan at a time in this process, and throws `request.rate_limited` for a second: batch has
 * few places for plans, and they are for everybody.
 */
export function onePerUser(ask: BatchClient): BatchClient {
  const asking = new Set<string>()
  return async (request, signal) => {
    const user = request.user_id
    if (asking.has(user)) throw oneAtATime()
    asking.add(user)
    try {
      return await ask(request, signal)
    } finally {
      asking.delete(user)
    }
  }
}

const oneAtATime = () =>
  new CutroomError(
    'request.rate_limited',
    'One dry run of a user is made at a time; ask again once the last one is answered.',
    { headers: { 'Retry-After': '1' } },
  )
