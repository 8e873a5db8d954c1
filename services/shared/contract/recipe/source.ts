import { z } from 'zod'
import { Uuid } from '../id.ts'
import { checkRange, rangeFields, storedRangeFields, withDuration } from './range.ts'
import { SourceHeaders } from './source-headers.ts'

export const Trim = z
  .strictObject({
    ...rangeFields,
    at_most: z.boolean().default(false).meta({
      description:
        'Whether the `duration` is only a maximum. If false, a source that is too short fails the task.',
    }),
  })
  .superRefine(checkRange)
  .transform(withDuration)
  .pipe(z.object({ ...storedRangeFields, at_most: z.boolean() }))
  .meta({ id: 'Trim', description: 'The part of a source to keep.' })

/** Why a source cannot have this URL. Files in a bucket are read by presigned URLs: no credentials are needed here then. */
const urlMessage = (input: unknown): string =>
  typeof input === 'string' && /^(?:s3|gs):/i.test(input)
    ? 'must be an http or https URL; for a file in a bucket, give a presigned one, as `aws s3 presign` and `gcloud storage sign-url` make them'
    : 'must be an http or https URL'

export const sourceUrl = z
  .url({ protocol: /^https?$/, error: ({ input }) => urlMessage(input) })
  .max(2048)
  .meta({ description: 'An http or https URL. For a file in a bucket, a presigned one.' })

/** The two ways to name the bytes of a source. */
export const sourceOrigin = {
  url: sourceUrl.optional(),
  upload_id: Uuid.optional().meta({ description: 'Id of an upload.' }),
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
