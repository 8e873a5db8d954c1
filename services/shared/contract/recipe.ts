import { z } from 'zod'
import { Bumper, Frame, Output, Source, Split, Thumbnails, Watermark } from './recipe-parts.ts'
import { type RecipeFields, recipeIssues } from './recipe-rules.ts'

export {
  Frame,
  Output,
  Source,
  sourceOrigin,
  Thumbnails,
  Trim,
  Watermark,
} from './recipe-parts.ts'

/** The sources of one task, joined in this order. */
export const Sources = z
  .array(Source)
  .min(1)
  .max(20)
  .meta({ description: 'Sources, concatenated in this order.' })

const recipeFields = {
  split: Split.optional(),
  frame: Frame.optional(),
  bumper: Bumper.optional(),
  watermark: Watermark.optional(),
  audio: z
    .enum(['keep', 'mute', 'normalize'])
    .default('keep')
    .meta({
      description:
        '`keep` leaves the audio level unchanged. `mute` removes the audio. `normalize` brings it, and the audio of ' +
        'each bumper clip, to an integrated loudness of -16 LUFS (EBU R128) with peaks near -1.5 dBTP.',
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

const RECIPE_EXAMPLE = {
  sources: [{ url: 'https://example.com/holiday.mp4', trim: { start: 5, duration: 18 } }],
  frame: { width: 1280, height: 720, background: 'blur' },
  bumper: { intro: { seconds: 1 } },
  output: { format: 'mp4', quality: 'high' },
  thumbnails: { poster: { at: 2 } },
}

function checkRecipe(recipe: RecipeFields, context: z.RefinementCtx): void {
  for (const { path, message } of recipeIssues(recipe)) {
    context.addIssue({ code: 'custom', path, message })
  }
}

/** Everything a task renders: its sources and what becomes of them. */
export const Recipe = z
  .strictObject({ sources: Sources, ...recipeFields })
  .superRefine(checkRecipe)
  .meta({ id: 'Recipe', examples: [RECIPE_EXAMPLE] })

/** A recipe as a client sends it: `sources` may be left out when the source is named beside the recipe. */
export const RecipeRequest = z
  .strictObject({
    sources: Sources.optional().meta({
      description:
        'Sources, concatenated in this order. Leave them out to apply the recipe to the `url`, `upload_id` or ' +
        '`sources` beside it, or to the `file` of a form.',
    }),
    ...recipeFields,
  })
  .superRefine(checkRecipe)
  .meta({ id: 'RecipeRequest', examples: [RECIPE_EXAMPLE] })

export type RecipeRequest = z.infer<typeof RecipeRequest>
export type Recipe = z.infer<typeof Recipe>

/** The results a recipe asks for: its outputs, its one output, or an MP4. */
export const outputsOf = ({ output, outputs }: Pick<Recipe, 'output' | 'outputs'>): Output[] =>
  outputs ?? [output ?? Output.parse({})]

/** Upload ids that a recipe names beside its sources, each once: still pictures, and clips. */
export function assetUploads({ bumper, watermark }: Recipe): { images: string[]; clips: string[] } {
  const ends = [bumper?.intro, bumper?.outro]
  const ids = (found: ({ upload_id: string } | undefined)[]) => [
    ...new Set(found.flatMap((upload) => upload?.upload_id ?? [])),
  ]
  return {
    images: ids([...ends.map((end) => end?.image), watermark?.image]),
    clips: ids(ends.map((end) => end?.clip)),
  }
}
