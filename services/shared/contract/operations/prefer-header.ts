import { z } from 'zod'

export const PreferHeader = z.object({
  prefer: z
    .string()
    .optional()
    .meta({
      description:
        '`respond-async` is accepted, and confirmed with `Preference-Applied`: the reply never waits for the work. Other preferences ' +
        'are ignored, as RFC 7240 says.',
      example: 'respond-async',
    }),
})
