import { z } from 'zod'
import { FORMAT_NAMES, VIDEO_CODECS } from './formats.ts'

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
export const sourceOrigin = {
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
  .strictObject({ ...sourceOrigin, trim: Trim.optional() })
  .refine(exactlyOneOrigin, { error: 'give either url or upload_id', path: ['url'] })
  .meta({ id: 'Source' })

/** 4:2:0 pictures have even sides. */
const evenSide = z.number().int().min(16).max(4096).multipleOf(2)
const upload = z.strictObject({ upload_id: z.uuid() })

export const Frame = z
  .strictObject({
    width: evenSide.optional().meta({ description: 'Pixels; from height or aspect when left out.' }),
    height: evenSide.optional().meta({ description: 'Pixels; from width or aspect when left out.' }),
    aspect: z
      .string()
      .regex(/^[1-9]\d{0,3}:[1-9]\d{0,3}$/)
      .optional()
      .meta({ description: 'Shape of the frame, in place of a side.', example: '16:9' }),
    fit: z
      .enum(['pad', 'crop', 'stretch'])
      .default('pad')
      .meta({
        description:
          'pad: the whole picture with bars around it; crop: the frame filled, the overhang cut off; ' +
          'stretch: the frame filled, the shape given up.',
      }),
    upscale: z
      .boolean()
      .default(false)
      .meta({ description: 'true: a picture smaller than the frame is enlarged to meet it.' }),
    background: z
      .union([z.literal('blur'), z.string().regex(/^#[0-9a-fA-F]{6}$/)])
      .default('#000000')
      .meta({ description: 'What the bars show: a colour as #rrggbb, or blur for the picture, blurred.' }),
  })
  .meta({ id: 'Frame' })

export const BumperClip = z
  .strictObject({
    seconds: z
      .number()
      .min(0.1)
      .max(30)
      .default(1)
      .meta({ description: 'How long a picture stands; how much of a clip is shown at most.' }),
    image: upload
      .optional()
      .meta({ description: 'A PNG, JPEG or WebP of yours; the built-in logo when neither is given.' }),
    clip: upload.optional().meta({ description: 'A video of yours; not around parts, which take pictures.' }),
  })
  .meta({ id: 'BumperClip' })

export const Bumper = z
  .strictObject({ intro: BumperClip.optional(), outro: BumperClip.optional() })
  .meta({ id: 'Bumper', description: 'What comes before and after; of each part, when there are parts.' })

export const Split = z
  .strictObject({
    every: z.number().min(1).max(3600).meta({ description: 'Seconds of each part.', example: 20 }),
  })
  .meta({
    id: 'Split',
    description:
      'Cuts the whole into parts of one length; the last may be shorter. Bumpers around parts are pictures, not ' +
      'clips, and there are no thumbnails of parts.',
  })

export const Watermark = z
  .strictObject({
    image: upload.meta({ description: 'A PNG, JPEG or WebP of yours; transparency is kept.' }),
    corner: z.enum(['top_left', 'top_right', 'bottom_left', 'bottom_right']).default('bottom_right'),
    margin: z.number().int().min(0).max(1000).default(16).meta({ description: 'Pixels to the edges.' }),
    opacity: z.number().min(0).max(1).default(1),
    width: z
      .number()
      .min(0.01)
      .max(1)
      .default(0.15)
      .meta({ description: "Its width as a share of the frame's." }),
  })
  .meta({ id: 'Watermark' })

const thumbnailWidth = (fallback: number) =>
  z.number().int().min(16).max(1920).multipleOf(2).default(fallback).meta({ description: 'Pixels.' })

export const Thumbnails = z
  .strictObject({
    poster: z
      .strictObject({
        at: z.number().min(0).max(86_400).default(0).meta({ description: 'Seconds into the result.' }),
        width: thumbnailWidth(640),
      })
      .optional(),
    stills: z
      .strictObject({ count: z.number().int().min(1).max(50), width: thumbnailWidth(320) })
      .optional()
      .meta({ description: 'Pictures at even steps.' }),
    sprite: z
      .strictObject({
        count: z.number().int().min(1).max(200).default(25),
        columns: z.number().int().min(1).max(20).default(5),
        width: thumbnailWidth(160),
      })
      .optional()
      .meta({ description: 'Pictures at even steps on one sheet, with a WebVTT index for players.' }),
  })
  .meta({ id: 'Thumbnails', description: 'Pictures out of the result, made along with it; not of parts.' })

export const Output = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$/)
      .optional()
      .meta({ description: 'File name without its ending; output, or part, when left out.' }),
    format: z.enum(FORMAT_NAMES).default('mp4'),
    codec: z
      .enum(VIDEO_CODECS)
      .optional()
      .meta({ description: "The picture's codec; the format's usual one when left out." }),
    quality: z
      .enum(['draft', 'standard', 'high'])
      .optional()
      .meta({
        description:
          'draft is quick and coarse, high is slow and fine. Left out: standard, and a stream that already ' +
          'fits is taken as it is, without loss.',
      }),
    crf: z
      .number()
      .int()
      .min(0)
      .max(63)
      .optional()
      .meta({ description: "Constant quality on the codec's own scale, in place of quality." }),
    bitrate: z
      .number()
      .int()
      .min(50)
      .max(200_000)
      .optional()
      .meta({ description: 'Of the picture, in kbit/s, in place of crf.' }),
    width: evenSide
      .optional()
      .meta({ description: 'The result scaled down to this width; its shape is kept.' }),
    fps: z
      .number()
      .min(1)
      .max(120)
      .optional()
      .meta({ description: 'Frames per second; the first source decides when left out.' }),
    audio_bitrate: z.number().int().min(8).max(512).optional().meta({
      description: 'Of the sound, in kbit/s; where the format takes no such rate, the nearest that it takes.',
      example: 192,
    }),
    sample_rate: z.literal([22_050, 32_000, 44_100, 48_000]).optional().meta({ description: 'Hertz.' }),
    channels: z.literal([1, 2]).optional(),
  })
  .meta({
    id: 'Output',
    description:
      'One file. Pictures are 8 bits in SDR: an HDR source is brought to it, unless its streams are taken as they are.',
    examples: [{ format: 'webm', codec: 'vp9', quality: 'high' }],
  })

export type Trim = z.infer<typeof Trim>
export type Source = z.infer<typeof Source>
export type Frame = z.infer<typeof Frame>
export type Bumper = z.infer<typeof Bumper>
export type Split = z.infer<typeof Split>
export type Watermark = z.infer<typeof Watermark>
export type Thumbnails = z.infer<typeof Thumbnails>
export type Output = z.infer<typeof Output>
