import { z } from 'zod'
import { sourceUrl } from '../recipe/source.ts'
import { SourceHeaders } from '../recipe/source-headers.ts'

const HOUR_S = 3600

export const CreateSourceLink = z
  .strictObject({
    url: sourceUrl,
    headers: SourceHeaders.optional(),
    expires_in: z
      .int()
      .min(60)
      .max(6 * HOUR_S)
      .default(HOUR_S)
      .meta({ description: 'Seconds until the link expires: at most 6 hours.', example: HOUR_S }),
  })
  .meta({ id: 'CreateSourceLink' })

export const SourceLink = z
  .object({
    url: z.url().meta({ description: 'Plays the source without a token, by ranges.' }),
    expires_at: z.iso.datetime().meta({ description: 'When the link expires.' }),
    problem: z
      .object({ code: z.string().meta({ example: 'source.not_found' }), message: z.string() })
      .nullable()
      .meta({ description: 'Why the source cannot be read at the moment, or null when it can.' }),
  })
  .meta({ id: 'SourceLink' })

export type SourceLink = z.infer<typeof SourceLink>

/** The most bytes that web asks batch for at a time. */
export const MAX_BLOCK_BYTES = 2 * 1024 ** 2

/** What web asks batch to read: a range of a URL, both ends inclusive, and the user who asked for it. */
export const ReadSourceRequest = z
  .strictObject({
    user_id: z.uuid(),
    url: sourceUrl,
    headers: SourceHeaders.optional(),
    start: z.int().min(0),
    end: z.int().min(0),
  })
  .refine(({ start, end }) => start <= end && end - start < MAX_BLOCK_BYTES, {
    error: `must be behind \`start\`, by less than ${MAX_BLOCK_BYTES} bytes`,
    path: ['end'],
  })
export type ReadSourceRequest = z.infer<typeof ReadSourceRequest>
