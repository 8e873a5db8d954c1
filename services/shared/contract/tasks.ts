import { z } from 'zod'
import { MediaInfo } from './media-info.ts'
import { NotificationStatus, Notify } from './notify.ts'
import { PresetName } from './presets.ts'
import { Recipe, RecipeRequest, Sources, sourceOrigin } from './recipe.ts'

export const TaskStatus = z
  .enum(['queued', 'running', 'succeeded', 'failed', 'aborted'])
  .meta({ id: 'TaskStatus' })
export type TaskStatus = z.infer<typeof TaskStatus>

/**
 * The source is named in exactly one way: `url`, `upload_id` or `sources`, or the recipe's own `sources`. Without a
 * preset or a recipe, the preset `reel` applies.
 */
export const CreateTask = z
  .strictObject({
    ...sourceOrigin,
    sources: Sources.optional(),
    preset: PresetName.optional(),
    recipe: RecipeRequest.optional(),
    notify: Notify.optional(),
  })
  .superRefine((body, context) => {
    const report = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    if (body.recipe && body.preset) {
      report('preset', PRESET_OR_RECIPE)
    }
    const beside = (['url', 'upload_id', 'sources'] as const).filter((name) => body[name] !== undefined)
    if (body.recipe?.sources && beside[0]) {
      report(beside[0], `the recipe has \`sources\` of its own; remove those or \`${beside[0]}\``)
    }
    if (!body.recipe?.sources && beside.length !== 1) {
      report('url', 'give exactly one of `url`, `upload_id` and `sources`')
    }
  })
  .meta({
    id: 'CreateTask',
    examples: [{ url: 'https://example.com/holiday.mp4', preset: 'reel' }],
  })

const PRESET_OR_RECIPE = 'give either `preset` or `recipe`, not both'

/** CreateTask as a multipart form, for the documents: `recipe` and `notify` are JSON, and `file` is the source. */
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
 * The text fields of CreateTaskForm as they arrive. Every field is optional, so the fields that came before the file
 * can be checked before the file is received.
 */
export const CreateTaskFields = z
  .strictObject({
    preset: PresetName.optional(),
    recipe: jsonText(RecipeRequest).optional(),
    notify: jsonText(Notify).optional(),
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

/** What one made file is. */
export const TaskOutput = z
  .object({
    name: z.string().meta({ example: 'reel.mp4' }),
    content_type: z.string(),
    bytes: z.int(),
    seconds: z.number().nullish(),
    width: z.int().nullish(),
    height: z.int().nullish(),
    url: z.url().meta({ description: 'Gives the bytes; send the token along.' }),
  })
  .loose()
  .meta({ id: 'TaskOutput' })

export const TaskError = z
  .object({
    code: z.string(),
    message: z.string(),
    log_tail: z
      .string()
      .optional()
      .meta({ description: "The last lines of ffmpeg's log, without paths or addresses." }),
  })
  .meta({ id: 'TaskError' })

export const Attempt = z
  .object({ attempt: z.int(), code: z.string(), message: z.string(), at: z.iso.datetime() })
  .meta({ id: 'Attempt' })

export const Task = z
  .object({
    id: z.uuid(),
    status: TaskStatus,
    progress: z.int().min(0).max(100).meta({ description: 'Per cent.' }),
    preset: z.string().nullable(),
    recipe: Recipe,
    attempts: z.int().meta({ description: 'How often work on it has begun.' }),
    failures: z.array(Attempt).meta({ description: 'Attempts that ended early, and why.' }),
    error: TaskError.nullable(),
    sources: z.array(MediaInfo).meta({ description: 'What was found in each source.' }),
    outputs: z.array(TaskOutput),
    notify: NotificationStatus,
    created_at: z.iso.datetime(),
    started_at: z.iso.datetime().nullable(),
    finished_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Task' })

export const ListQuery = z
  .object({
    max: z.coerce
      .number()
      .int()
      .min(1)
      .max(100)
      .default(20)
      .meta({ description: 'Most tasks in the reply.' }),
    order: z.enum(['0', '1']).default('1').meta({ description: '0 oldest first, 1 newest first.' }),
    status: TaskStatus.optional(),
    page: z.string().max(200).optional().meta({ description: 'next_page of the reply before.' }),
  })
  .meta({ id: 'ListQuery' })

export const TaskList = z
  .object({ tasks: z.array(Task), next_page: z.string().nullable() })
  .meta({ id: 'TaskList' })

export type CreateTask = z.infer<typeof CreateTask>
export type CreateTaskFields = z.infer<typeof CreateTaskFields>
export type Attempt = z.infer<typeof Attempt>
export type TaskError = z.infer<typeof TaskError>
export type TaskOutput = z.infer<typeof TaskOutput>
export type Task = z.infer<typeof Task>
export type ListQuery = z.infer<typeof ListQuery>
