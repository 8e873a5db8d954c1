import { z } from 'zod'
import { Notify } from './notify.ts'
import { PresetName } from './presets.ts'
import { clipSourceIssues, RecipeRequest, Sources, sourceOrigin } from './recipe.ts'
import { Destination } from './tasks/destination.ts'
import { Metadata } from './tasks/metadata.ts'
import { Priority } from './tasks/priority.ts'

const PRESET_OR_RECIPE = 'give either `preset` or `recipe`, not both'

const CreateTaskBody = z.strictObject({
  ...sourceOrigin,
  sources: Sources.optional(),
  preset: PresetName.optional(),
  recipe: RecipeRequest.optional(),
  notify: Notify.optional(),
  metadata: Metadata.optional(),
  priority: Priority.optional(),
  destination: Destination.optional(),
})

/**
 * A task to create. Its sources are given in exactly one way: as `url`, `upload_id` or `sources`, or as `sources` of
 * the recipe. Without a preset or a recipe, the preset `reel` applies.
 */
export const CreateTask = CreateTaskBody.superRefine((body, context) => {
  if (body.recipe && body.preset) {
    context.addIssue({ code: 'custom', path: ['preset'], message: PRESET_OR_RECIPE })
  }
  for (const issue of clipSourceIssues(body.recipe ?? {}, body.sources)) {
    context.addIssue({ code: 'custom', ...issue })
  }
  const issue = sourceIssue(body)
  if (issue) context.addIssue({ code: 'custom', ...issue })
}).meta({
  id: 'CreateTask',
  examples: [{ url: 'https://example.com/holiday.mp4', preset: 'reel' }],
})

/** What is wrong with the way in which sources are given. */
function sourceIssue(body: z.infer<typeof CreateTaskBody>): { path: string[]; message: string } | undefined {
  const [first, second] = (['url', 'upload_id', 'sources'] as const).filter(
    (name) => body[name] !== undefined,
  )
  if (body.recipe?.sources && first) {
    return { path: [first], message: `remove either \`${first}\` or the \`sources\` of the recipe` }
  }
  if (second || (!body.recipe && !first)) {
    return { path: ['url'], message: 'give exactly one of `url`, `upload_id` and `sources`' }
  }
  if (body.recipe && !body.recipe.sources && !first) {
    const message = 'give `sources`, or one of `url`, `upload_id` and `sources` beside the recipe'
    return { path: ['recipe', 'sources'], message }
  }
  return undefined
}

/** CreateTask as a multipart form, as the API documentation shows it. CreateTaskFields parses such a form. */
export const CreateTaskForm = z
  .object({
    file: z
      .file()
      .meta({ description: 'The video or audio file.', override: { type: 'string', format: 'binary' } }),
    preset: PresetName.optional(),
    recipe: RecipeRequest.optional().meta({
      description: 'A recipe as JSON, without `sources`: the file is the source.',
    }),
    notify: Notify.optional().meta({ description: 'Notifications as JSON.' }),
    metadata: Metadata.optional().meta({ description: 'Metadata as JSON.' }),
    priority: Priority.optional(),
    destination: Destination.optional().meta({ description: 'A destination as JSON.' }),
  })
  .meta({ id: 'CreateTaskForm' })

/** A form field that holds JSON text. */
const jsonText = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text)
      } catch {
        context.addIssue({ code: 'custom', message: 'is not valid JSON' })
        return z.NEVER
      }
    })
    .pipe(schema)

/**
 * The text fields of CreateTaskForm as they arrive. Every field is optional, so those that come before the file can be checked
 * before the file is received.
 */
export const CreateTaskFields = z
  .strictObject({
    preset: PresetName.optional(),
    recipe: jsonText(RecipeRequest).optional(),
    notify: jsonText(Notify).optional(),
    metadata: jsonText(Metadata).optional(),
    priority: jsonText(Priority).optional(),
    destination: jsonText(Destination).optional(),
  })
  .superRefine(({ preset, recipe }, context) => {
    if (preset && recipe) {
      context.addIssue({ code: 'custom', path: ['preset'], message: PRESET_OR_RECIPE })
    }
    if (recipe?.sources) {
      const message = 'the file is the source; remove `sources` from the recipe'
      context.addIssue({ code: 'custom', path: ['recipe', 'sources'], message })
    }
  })

export type CreateTask = z.infer<typeof CreateTask>
export type CreateTaskFields = z.infer<typeof CreateTaskFields>
