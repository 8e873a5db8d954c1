import { z } from 'zod'
import { SourceHeaders } from './source-headers.ts'

const MAX_SECONDS = 86_400

export const Trim = z
  .strictObject({
    start: z
      .number()
      .min(0)
      .max(MAX_SECONDS)
      .default(0)
      .meta({ description: 'Where to start, in seconds from the beginning of the source.' }),
    duration: z.number().positive().max(MAX_SECONDS).optional().meta({
      description: 'How much to keep, in seconds. Defaults to the rest of the source.',
      example: 18,
    }),
    at_most: z.boolean().default(false).meta({
      description:
        'Whether `duration` is only a maximum. If false, a source that is too short fails the task.',
    }),
  })
  .meta({ id: 'Trim', description: 'The part of a source to keep.' })

/** The two ways to name the bytes of a source. */
export const sourceOrigin = {
  url: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .max(2048)
    .optional()
    .meta({ description: 'An http or https URL.' }),
  upload_id: z.uuid().optional().meta({ description: 'Id of an upload.' }),
}

export const Source = z
  .strictObject({ ...sourceOrigin, headers: SourceHeaders.optional(), trim: Trim.optional() })
  .refine((source) => (source.url === undefined) !== (source.upload_id === undefined), {
    error: 'give exactly one of `url` and `upload_id`',
    path: ['url'],
  })
  .refine((source) => source.headers === undefined || source.url !== undefined, {
    error: 'only a `url` can have headers',
    path: ['headers'],
  })
  .meta({ id: 'Source' })

/** The sources of one task. */
export const Sources = z
  .array(Source)
  .min(1)
  .max(20)
  .meta({ description: 'Sources, concatenated in this order.' })

export type Trim = z.infer<typeof Trim>
export type Source = z.infer<typeof Source>
