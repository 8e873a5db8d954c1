import { z } from 'zod'
import { Uuid } from '../id.ts'
import { seconds } from './seconds.ts'

/** A side of a rendered frame. The pixel format is 4:2:0, which needs even sides. */
export const EvenSide = z.number().int().min(16).max(4096).multipleOf(2)

const UploadReference = z.strictObject({ upload_id: Uuid })

const Share = z.number().min(0).max(1).default(0.5)

export const Frame = z
  .strictObject({
    width: EvenSide.optional().meta({
      description: 'Width in pixels. Defaults to what `height`, `aspect` or the source give.',
    }),
    height: EvenSide.optional().meta({
      description: 'Height in pixels. Defaults to what `width`, `aspect` or the source give.',
    }),
    aspect: z
      .string()
      .regex(/^[1-9]\d{0,3}:[1-9]\d{0,3}$/, { error: 'must be two numbers with a colon, such as 16:9' })
      .optional()
      .meta({ description: 'Aspect ratio. Use instead of `width` or `height`.', example: '16:9' }),
    fit: z
      .enum(['pad', 'crop', 'stretch'])
      .default('pad')
      .meta({
        description:
          '`pad` shows the whole video with bars around it. `crop` fills the frame and cuts off what exceeds it. ' +
          '`stretch` fills the frame without keeping the aspect ratio.',
      }),
    position: z
      .strictObject({ x: Share, y: Share })
      .optional()
      .meta({
        description:
          'Which part `crop` keeps, as shares of what it cuts off: `x` 0 keeps the left edge and 1 the right one, `y` 0 the ' +
          'upper edge and 1 the lower one. Defaults to the middle.',
      }),
    upscale: z
      .boolean()
      .default(false)
      .meta({ description: 'Whether to enlarge video that is smaller than the frame.' }),
    background: z
      .union(
        [
          z.literal('blur'),
          z.string().regex(/^#[0-9a-fA-F]{6}$/, 'must be `blur` or a color such as #1a2b3c'),
        ],
        {
          error: 'must be `blur` or a color such as #1a2b3c',
        },
      )
      .default('#000000')
      .meta({
        description: 'Fill of the bars: a color as `#rrggbb`, or `blur` for a blurred copy of the video.',
      }),
  })
  .meta({ id: 'Frame', description: 'The frame that all sources are fitted into.' })

const BumperClip = z
  .strictObject({
    seconds: seconds(z.number().min(0.1).max(30))
      .default(1)
      .meta({ description: 'Duration of an image, or maximum duration of a clip, in seconds.' }),
    image: UploadReference.optional().meta({
      description: 'A PNG, JPEG or WebP upload. Without `image` and `clip`, the built-in logo is shown.',
    }),
    clip: UploadReference.optional().meta({
      description: 'A video upload. Not supported together with `split` or `clips`.',
    }),
  })
  .meta({ id: 'BumperClip' })

export const Bumper = z.strictObject({ intro: BumperClip.optional(), outro: BumperClip.optional() }).meta({
  id: 'Bumper',
  description: 'An intro and an outro. With `split` or `clips`, every part gets them.',
})

export const Watermark = z
  .strictObject({
    image: UploadReference.meta({ description: 'A PNG, JPEG or WebP upload. Transparency is preserved.' }),
    corner: z.enum(['top_left', 'top_right', 'bottom_left', 'bottom_right']).default('bottom_right'),
    margin: z
      .number()
      .int()
      .min(0)
      .max(1000)
      .default(16)
      .meta({ description: 'Distance to the edges of the frame, in pixels.' }),
    opacity: z.number().min(0).max(1).default(1).meta({ description: '0 is invisible, 1 is opaque.' }),
    width: z
      .number()
      .min(0.01)
      .max(1)
      .default(0.15)
      .meta({ description: 'Width of the image as a fraction of the frame width.' }),
  })
  .meta({ id: 'Watermark', description: 'An image shown on top of the video.' })

export type Frame = z.infer<typeof Frame>
export type Bumper = z.infer<typeof Bumper>
export type Watermark = z.infer<typeof Watermark>
