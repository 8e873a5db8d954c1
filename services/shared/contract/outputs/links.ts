import { z } from 'zod'

const DAY_S = 86_400

export const CreateOutputLink = z
  .strictObject({
    expires_in: z
      .int()
      .min(60)
      .max(7 * DAY_S)
      .default(3600)
      .meta({ description: 'Seconds until the link expires: at most a week.', example: DAY_S }),
  })
  .meta({ id: 'CreateOutputLink' })

export const OutputLink = z
  .object({
    url: z.url().meta({ description: 'Downloads the output without a token, for players and other people.' }),
    expires_at: z.iso.datetime().meta({ description: 'When the link expires.' }),
  })
  .meta({ id: 'OutputLink' })
export type OutputLink = z.infer<typeof OutputLink>

/** The query of a link. The signature decides whether it is valid, so what is missing reads as empty. */
export const OutputLinkQuery = z.object({
  expires: z
    .string()
    .max(20)
    .default('')
    .meta({ description: 'When the link expires, in seconds since 1970.' }),
  signature: z.string().max(100).default('').meta({ description: 'Signature of the link.' }),
})
