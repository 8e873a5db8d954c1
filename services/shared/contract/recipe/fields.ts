import { z } from 'zod'
import { Bumper, Frame, Watermark } from './edit.ts'
import { Output } from './output.ts'
import { Clips, Split } from './parts.ts'
import { Thumbnails } from './thumbnails.ts'

/** The fields of a recipe except its sources. */
export const recipeFields = {
  split: Split.optional(),
  clips: Clips.optional(),
  frame: Frame.optional(),
  bumper: Bumper.optional(),
  watermark: Watermark.optional(),
  audio: z
    .enum(['keep', 'mute', 'normalize'])
    .default('keep')
    .meta({
      description:
        '`keep` leaves the audio level unchanged. `mute` removes the audio. `normalize` brings it, and the audio ' +
        'of each bumper clip, to an integrated loudness of -16 LUFS (EBU R128) with peaks near -1.5 dBTP. Where its peaks ' +
        'are far louder than the rest, limiting them leaves it quieter; `loudness` of the output says how loud it is.',
    }),
  output: Output.optional().meta({ description: 'The file to render. Defaults to MP4.' }),
  outputs: z
    .array(Output)
    .min(1)
    .max(8)
    .optional()
    .meta({ description: 'Several files to render from the same edit. Use instead of `output`.' }),
  thumbnails: Thumbnails.optional(),
}

const RecipeFields = z.object(recipeFields)
export type RecipeFields = z.infer<typeof RecipeFields>
