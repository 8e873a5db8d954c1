import { z } from 'zod'
import { seconds } from './seconds.ts'

const Width = (fallback: number) =>
  z
    .number()
    .int()
    .min(16)
    .max(1920)
    .multipleOf(2)
    .default(fallback)
    .meta({ description: 'Width of each image in pixels.' })

export const Thumbnails = z
  .strictObject({
    poster: z
      .strictObject({
        at: seconds(z.number().min(0).max(86_400))
          .default(0)
          .meta({ description: 'Time in the result, in seconds or as a timecode.' }),
        width: Width(640),
      })
      .optional()
      .meta({ description: 'A single image.' }),
    stills: z
      .strictObject({
        count: z.number().int().min(1).max(50).meta({ description: 'Number of images.' }),
        width: Width(320),
      })
      .optional()
      .meta({ description: 'Images at equal intervals, each in its own file.' }),
    sprite: z
      .strictObject({
        count: z.number().int().min(1).max(200).default(25).meta({ description: 'Number of images.' }),
        columns: z
          .number()
          .int()
          .min(1)
          .max(20)
          .default(5)
          .meta({ description: 'Number of images in a row of the sheet.' }),
        width: Width(160),
      })
      .optional()
      .meta({ description: 'Images at equal intervals on one sheet, with a WebVTT index for players.' }),
  })
  .meta({
    id: 'Thumbnails',
    description: 'Images taken from the result. Not supported together with `split` or `clips`.',
  })

export type Thumbnails = z.infer<typeof Thumbnails>
