import { z } from 'zod'
import { Recipe } from '../recipe.ts'

/** The most peaks of a waveform. */
export const MAX_PEAKS = 16_000
/** The most key frames of a list. */
export const MAX_KEY_FRAMES = 20_000

const common = {
  duration: z.number().meta({ description: 'Duration of the file in seconds.', example: 61.5 }),
  covered_seconds: z.number().meta({
    description: 'How much of the file was read, from its beginning, in seconds.',
    example: 61.5,
  }),
  complete: z.boolean().meta({
    description:
      'Whether all of the file was read. Otherwise it is too long: reading it would have taken more than 20 s.',
  }),
}

export const Waveform = z
  .object({
    ...common,
    peaks_per_second: z.number().meta({
      description: `50 for files of up to ${MAX_PEAKS / 50} s, less for longer ones.`,
      example: 50,
    }),
    peaks: z
      .array(z.int().min(0).max(255))
      .max(MAX_PEAKS)
      .meta({
        description: `The loudest sample of each interval, 255 being full scale, of all channels mixed. At most ${MAX_PEAKS}; none without audio.`,
        example: [0, 12, 130, 255],
      }),
  })
  .meta({ id: 'Waveform' })
export type Waveform = z.infer<typeof Waveform>

export const KeyFrames = z
  .object({
    ...common,
    times: z
      .array(z.number())
      .max(MAX_KEY_FRAMES)
      .meta({
        description: `When the key frames of the video are shown, in seconds. At most ${MAX_KEY_FRAMES}; none without video.`,
        example: [0, 2.002, 4.004],
      }),
  })
  .meta({ id: 'KeyFrames' })
export type KeyFrames = z.infer<typeof KeyFrames>

export type InspectionResult = Waveform | KeyFrames
export type Inspection = InspectRequest['what']

/** What each inspection finds. */
export const INSPECTIONS: Record<Inspection, z.ZodType<InspectionResult>> = {
  waveform: Waveform,
  key_frames: KeyFrames,
}

/** What web asks batch to read: the one source of a recipe, and the user whose upload it may be. */
export const InspectRequest = z.strictObject({
  user_id: z.uuid(),
  recipe: Recipe,
  what: z.enum(['waveform', 'key_frames']),
})
export type InspectRequest = z.infer<typeof InspectRequest>
