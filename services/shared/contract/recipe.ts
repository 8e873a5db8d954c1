import { z } from 'zod'
import { type RecipeFields, recipeFields } from './recipe/fields.ts'
import { Output } from './recipe/output.ts'
import { clipSourceIssues, recipeIssues } from './recipe/rules.ts'
import { type Source, Sources } from './recipe/source.ts'

export { Frame, Watermark } from './recipe/edit.ts'
export { Output } from './recipe/output.ts'
export { clipNames } from './recipe/parts.ts'
export { clipSourceIssues } from './recipe/rules.ts'
export { Source, Sources, sourceOrigin, Trim } from './recipe/source.ts'
export { HIDDEN, hideHeaders, SourceHeaders } from './recipe/source-headers.ts'

const EXAMPLE = {
  sources: [{ url: 'https://example.com/holiday.mp4', trim: { start: 5, duration: 18 } }],
  frame: { width: 1280, height: 720, background: 'blur' },
  bumper: { intro: { seconds: 1 } },
  output: { format: 'mp4', quality: 'high' },
  thumbnails: { poster: { at: 2 } },
}

function checkRecipe(recipe: RecipeFields & { sources?: Source[] | undefined }, context: z.RefinementCtx) {
  for (const { path, message } of [...recipeIssues(recipe), ...clipSourceIssues(recipe, recipe.sources)]) {
    context.addIssue({ code: 'custom', path, message })
  }
}

/** What a task renders: its sources, how they are edited, and the files to produce. */
export const Recipe = z
  .strictObject({ sources: Sources, ...recipeFields })
  .superRefine(checkRecipe)
  .meta({ id: 'Recipe', examples: [EXAMPLE] })

/** A recipe as clients send it. `sources` may be omitted when the source is given beside the recipe. */
export const RecipeRequest = z
  .strictObject({
    sources: Sources.optional().meta({
      description:
        'Sources, concatenated in this order. Omit them to apply the recipe to the `url`, `upload_id` or ' +
        '`sources` beside it, or to the `file` of a form.',
    }),
    ...recipeFields,
  })
  .superRefine(checkRecipe)
  .meta({ id: 'RecipeRequest', examples: [EXAMPLE] })

export type Recipe = z.infer<typeof Recipe>
export type RecipeRequest = z.infer<typeof RecipeRequest>

/** The outputs that a recipe asks for, at least one: `outputs`, `output`, or an MP4 by default. */
export function outputsOf({
  output,
  outputs = [],
}: Pick<Recipe, 'output' | 'outputs'>): [Output, ...Output[]] {
  const [first = output ?? Output.parse({}), ...others] = outputs
  return [first, ...others]
}

/** Whether the files of a recipe are parts of its result. */
export const hasParts = ({ split, clips }: Pick<Recipe, 'split' | 'clips'>): boolean =>
  split !== undefined || clips !== undefined

/** The distinct ids of uploads that a recipe names in addition to its sources: still images, and clips. */
export function assetUploads({ bumper, watermark }: Recipe): { images: string[]; clips: string[] } {
  const ends = [bumper?.intro, bumper?.outro]
  return {
    images: idsOf([...ends.map((end) => end?.image), watermark?.image]),
    clips: idsOf(ends.map((end) => end?.clip)),
  }
}

const idsOf = (uploads: ({ upload_id: string } | undefined)[]): string[] => [
  ...new Set(uploads.flatMap((upload) => upload?.upload_id ?? [])),
]
