import { z } from 'zod'
import { FORMAT_NAMES, VIDEO_CODECS } from '../formats.ts'
import { EvenSide } from './edit.ts'
import { FileName } from './parts.ts'

export const Output = z
  .strictObject({
    name: FileName.optional().meta({
      description:
        'File name without extension. Defaults to `output`, or `part` with `split`. Clips have their own.',
    }),
    format: z
      .enum(FORMAT_NAMES)
      .default('mp4')
      .meta({
        description:
          'Container and file extension. The palette of a `gif` comes from all of its frames: they may have 1 GiB in all, ' +
          'about four minutes of 640x360 at 12 frames per second, and a task with a `gif` is not divided into chunks.',
      }),
    codec: z
      .enum(VIDEO_CODECS)
      .optional()
      .meta({ description: 'Video codec. Defaults to h264, or vp9 for webm.' }),
    quality: z
      .enum(['draft', 'standard', 'high'])
      .optional()
      .meta({
        description:
          '`draft` encodes fast, `high` encodes slowly and preserves more detail. When omitted, streams that ' +
          'already fit the output are copied without loss and all others are encoded as `standard`.',
      }),
    crf: z
      .number()
      .int()
      .min(0)
      .max(63)
      .optional()
      .meta({ description: "Constant rate factor on the codec's own scale. Use instead of `quality`." }),
    bitrate: z
      .number()
      .int()
      .min(50)
      .max(200_000)
      .optional()
      .meta({ description: 'Video bit rate in kbit/s. Use instead of `quality` or `crf`.' }),
    width: EvenSide.optional().meta({
      description: 'Scale the output down to this width in pixels, keeping the aspect ratio.',
    }),
    fps: z
      .number()
      .min(1)
      .max(120)
      .optional()
      .meta({ description: 'Frame rate in frames per second. Defaults to that of the first source.' }),
    audio_bitrate: z.number().int().min(8).max(512).optional().meta({
      description: 'Audio bit rate in kbit/s. Rounded to the nearest rate that the format supports.',
      example: 192,
    }),
    sample_rate: z
      .literal([22_050, 32_000, 44_100, 48_000])
      .optional()
      .meta({ description: 'Audio sample rate in hertz.' }),
    channels: z.literal([1, 2]).optional().meta({ description: 'Audio channels: 1 for mono, 2 for stereo.' }),
  })
  .meta({
    id: 'Output',
    description:
      'A file to render. Encoded video is 8-bit SDR: HDR sources are converted to SDR unless their streams are copied.',
    examples: [{ format: 'webm', codec: 'vp9', quality: 'high' }],
  })

export type Output = z.infer<typeof Output>
