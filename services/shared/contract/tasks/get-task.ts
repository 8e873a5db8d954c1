import { z } from 'zod'

/** The longest that a reply to a long poll is held back, in seconds: proxies give up on requests soon after. */
const MAX_WAIT_S = 60

export const GetTaskQuery = z
  .object({
    wait: z.coerce
      .number()
      .int()
      .min(0)
      .max(MAX_WAIT_S)
      .optional()
      .meta({
        description:
          'Hold the reply back until the task has finished, or with `If-None-Match` until it has changed, for so many seconds at most. ' +
          'It counts as an event stream meanwhile.',
        example: 30,
      }),
  })
  .meta({ id: 'GetTaskQuery' })

export const IfNoneMatchHeader = z.object({
  'if-none-match': z.string().optional().meta({
    description:
      'The `ETag` of an earlier reply. If the task is still the same, the reply is 304 without a body.',
  }),
})
