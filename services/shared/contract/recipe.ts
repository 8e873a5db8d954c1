import { z } from 'zod'
import { Bumper, Frame, Output, Source, Split, Thumbnails, Watermark } from './recipe-parts.ts'
import { recipeIssues } from './recipe-rules.ts'

export {
  Bumper,
  exactlyOneOrigin,
  Frame,
  Output,
  Source,
  sourceOrigin,
  Thumbnails,
  Trim,
  Watermark,
} from './recipe-parts.ts'

/** What a task should make. */
export const Recipe = z
  .strictObject({
    sources: z.array(Source).min(1).max(20).meta({ description: 'Joined in this order.' }),
    split: Split.optional(),
    frame: Frame.optional(),
    bumper: Bumper.optional(),
    watermark: Watermark.optional(),
    audio: z
      .enum(['keep', 'mute', 'normalize'])
      .default('keep')
      .meta({
        description:
          'mute leaves the sound out; normalize brings it, and that of each bumper clip, to -16 LUFS as EBU R128 ' +
          'measures it, its peaks to about -1.5 dBTP.',
      }),
    output: Output.optional().meta({ description: 'What to make; an MP4 when left out.' }),
    outputs: z
      .array(Output)
      .min(1)
      .max(8)
      .optional()
      .meta({ description: 'Several results of the same, in place of output.' }),
    thumbnails: Thumbnails.optional(),
  })
  .superRefine((recipe, context) => {
    for (const { path, message } of recipeIssues(recipe)) context.addIssue({ code: 'custom', path, message })
  })
  .meta({
    id: 'Recipe',
    examples: [
      {
        sources: [{ url: 'https://example.com/holiday.mp4', trim: { start: 5, duration: 18 } }],
        frame: { width: 1280, height: 720, background: 'blur' },
        bumper: { intro: { seconds: 1 } },
        output: { format: 'mp4', quality: 'high' },
        thumbnails: { poster: { at: 2 } },
      },
    ],
  })

export type Recipe = z.infer<typeof Recipe>

/** The results a recipe asks for: its outputs, its one output, or an MP4. */
export const outputsOf = ({ output, outputs }: Pick<Recipe, 'output' | 'outputs'>): Output[] =>
  outputs ?? [output ?? Output.parse({})]

/** Upload ids that a recipe names beside its sources, each once: still pictures, and clips. */
export function assetUploads({ bumper, watermark }: Recipe): { pictures: string[]; clips: string[] } {
  const ends = [bumper?.intro, bumper?.outro]
  const ids = (found: ({ upload_id: string } | undefined)[]) => [
    ...new Set(found.flatMap((upload) => upload?.upload_id ?? [])),
  ]
  return {
    pictures: ids([...ends.map((end) => end?.image), watermark?.image]),
    clips: ids(ends.map((end) => end?.clip)),
  }
}
