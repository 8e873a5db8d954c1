import { z } from 'zod'

/** Seconds from the start of a source, and how many of them. */
export const Trim = z
  .strictObject({
    start: z
      .number()
      .min(0)
      .max(86_400)
      .default(0)
      .meta({ description: 'Seconds from the start of the source.' }),
    duration: z
      .number()
      .positive()
      .max(86_400)
      .optional()
      .meta({ description: 'Seconds to keep; to the end when left out.', example: 18 }),
    at_most: z
      .boolean()
      .default(false)
      .meta({ description: 'true: a source shorter than this is taken as it is, rather than refused.' }),
  })
  .meta({ id: 'Trim' })

/** Where a source's bytes come from: an address, or an upload of the caller's own. */
export const origin = {
  url: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .optional()
    .meta({ description: 'An http or https address.' }),
  upload_id: z.uuid().optional().meta({ description: 'An upload of yours.' }),
}
/** True when a source names its bytes in exactly one way. */
export const exactlyOneOrigin = (source: { url?: string; upload_id?: string }) =>
  (source.url === undefined) !== (source.upload_id === undefined)

export const Source = z
  .strictObject({ ...origin, trim: Trim.optional() })
  .refine(exactlyOneOrigin, { error: 'give either url or upload_id', path: ['url'] })
  .meta({ id: 'Source' })

/** x264 in yuv420p wants even sides. */
const evenSide = z.number().int().min(16).max(4096).multipleOf(2)

export const Frame = z
  .strictObject({
    width: evenSide,
    height: evenSide,
    fit: z.enum(['pad', 'crop']).default('pad').meta({
      description:
        'pad: the whole picture with bars around it; crop: the frame filled, the overhang cut off.',
    }),
    upscale: z
      .boolean()
      .default(false)
      .meta({ description: 'true: a picture smaller than the frame is enlarged to meet it.' }),
    background: z
      .string()
      .regex(/^#[0-9a-fA-F]{6}$/)
      .default('#000000')
      .meta({ description: 'Colour of the bars, as #rrggbb.' }),
  })
  .meta({ id: 'Frame' })

export const BumperClip = z
  .strictObject({
    seconds: z.number().min(0.1).max(30).default(1),
    image: z
      .strictObject({ upload_id: z.uuid() })
      .optional()
      .meta({ description: 'A picture of yours; the built-in logo when left out.' }),
  })
  .meta({ id: 'BumperClip' })

export const Bumper = z
  .strictObject({ intro: BumperClip.optional(), outro: BumperClip.optional() })
  .meta({ id: 'Bumper' })

export const Output = z
  .strictObject({
    format: z.enum(['mp4']).default('mp4'),
    fps: z
      .number()
      .min(1)
      .max(120)
      .optional()
      .meta({ description: 'Frames per second; the first source decides when left out.' }),
  })
  .meta({ id: 'Output' })

/** What a task should make. */
export const Recipe = z
  .strictObject({
    sources: z.array(Source).min(1).max(20).meta({ description: 'Joined in this order.' }),
    frame: Frame.optional(),
    bumper: Bumper.optional(),
    output: Output.prefault({}),
  })
  .meta({ id: 'Recipe' })

export type Trim = z.infer<typeof Trim>
export type Source = z.infer<typeof Source>
export type Frame = z.infer<typeof Frame>
export type Bumper = z.infer<typeof Bumper>
export type Output = z.infer<typeof Output>
export type Recipe = z.infer<typeof Recipe>
