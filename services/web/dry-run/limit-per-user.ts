import { CutroomError } from '#shared/errors.ts'
import type { BatchClient } from './batch-client.ts'

/**
 * Allows each user one dry run at a time in this process: batch has few slots for dry runs, and all users share them.
 * @throws CutroomError `request.rate_limited` for a second one.
 */
export function limitPerUser(requestDryRun: BatchClient): BatchClient {
  const usersInProgress = new Set<string>()
  return async (request, signal) => {
    const user = request.user_id
    if (usersInProgress.has(user)) throw alreadyInProgress()
    usersInProgress.add(user)
    try {
      return await requestDryRun(request, signal)
    } finally {
      usersInProgress.delete(user)
    }
  }
}

const alreadyInProgress = () =>
  new CutroomError(
    'request.rate_limited',
    'Your previous dry run is still in progress; send the next one when it has finished.',
    { headers: { 'Retry-After': '1' } },
  )
