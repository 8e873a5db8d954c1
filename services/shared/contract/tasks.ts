import { z } from 'zod'
import { MediaInfo } from './media-info.ts'
import { Notified, Notify } from './notify.ts'
import { PresetName } from './presets.ts'
import { Recipe, Source, sourceOrigin } from './recipe.ts'

export const TaskStatus = z
  .enum(['queued', 'running', 'succeeded', 'failed', 'aborted'])
  .meta({ id: 'TaskStatus' })
export type TaskStatus = z.infer<typeof TaskStatus>

/**
 * A recipe names its own sources; with a preset, or neither, the sources stand beside it: one as url or
 * upload_id, several as sources. Nothing but a source means the preset reel.
 */
export const CreateTask = z
  .strictObject({
    ...sourceOrigin,
    sources: z.array(Source).min(1).max(20).optional(),
    preset: PresetName.optional(),
    recipe: Recipe.optional(),
    notify: Notify.optional(),
  })
  .superRefine((body, context) => {
    const fault = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    const beside = ['url', 'upload_id', 'sources'].filter(
      (name) => body[name as keyof typeof body] !== undefined,
    )
    if (body.recipe && body.preset) fault('preset', 'give either preset or recipe')
    if (body.recipe && beside[0]) fault(beside[0], 'a recipe names its own sources')
    if (!body.recipe && beside.length !== 1) fault('url', 'give one of url, upload_id or sources')
  })
  .meta({
    id: 'CreateTask',
    examples: [{ url: 'https://example.com/holiday.mp4', preset: 'reel' }],
  })

/** The same as form fields beside `file`: the file is the source, and notify is JSON. */
export const CreateTaskForm = z
  .object({
    file: z.file().meta({ description: 'The video.', override: { type: 'string', format: 'binary' } }),
    preset: PresetName.optional(),
    notify: Notify.optional(),
  })
  .meta({ id: 'CreateTaskForm' })

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
    notify: Notified,
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
export type Attempt = z.infer<typeof Attempt>
export type TaskError = z.infer<typeof TaskError>
export type TaskOutput = z.infer<typeof TaskOutput>
export type Task = z.infer<typeof Task>
export type ListQuery = z.infer<typeof ListQuery>
