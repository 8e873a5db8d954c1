import { z } from 'zod'

const HIGHEST = 100

/** Where a task stands among the tasks of the same user. */
export const Priority = z
  .int()
  .min(-HIGHEST)
  .max(HIGHEST)
  .meta({
    description:
      'Of your waiting tasks, those with a higher priority start first, and the older ones of the same priority. It does not affect ' +
      'turns between users.',
    example: 10,
  })
