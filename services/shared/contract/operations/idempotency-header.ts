import { z } from 'zod'

export const IdempotencyHeader = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({
      description:
        'A unique key for this request. Repeating the request with the same key within 24 hours returns the first ' +
        'reply and creates nothing.',
    }),
})
