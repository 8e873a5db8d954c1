import { z } from 'zod'
import { MediaInfo } from './media-info.ts'
import { Delivery, NotificationStatus } from './notify.ts'
import { commaSeparated, NextPage, pageQuery } from './paging.ts'
import { Recipe } from './recipe.ts'
import { ShownDestination } from './tasks/destination.ts'
import { Metadata, MetadataFilter } from './tasks/metadata.ts'

export { CreateTask, CreateTaskFields } from './create-task.ts'

export const TaskStatus = z
  .enum(['queued', 'running', 'succeeded', 'failed', 'aborted'])
  .meta({ id: 'TaskStatus' })
export type TaskStatus = z.infer<typeof TaskStatus>

export const TaskOutput = z
  .object({
    name: z.string().meta({ description: 'File name.', example: 'reel.mp4' }),
    content_type: z.string().meta({ example: 'video/mp4' }),
    bytes: z.int().meta({ description: 'File size in bytes.' }),
    seconds: z.number().nullish().meta({ description: 'Duration in seconds, for video and audio.' }),
    width: z.int().nullish().meta({ description: 'Width in pixels, for video and images.' }),
    height: z.int().nullish().meta({ description: 'Height in pixels, for video and images.' }),
    url: z.url().meta({ description: 'Download URL. Send the token with the request.' }),
    destination: z.string().optional().meta({
      description:
        'Where it was sent, as s3://, gs:// or a URL without its query; left out for a task without a destination.',
    }),
  })
  .loose()
  .meta({ id: 'TaskOutput', description: 'A rendered file.' })

export const TaskError = z
  .object({
    code: z.string().meta({ description: 'Stable error code.', example: 'media.unreadable' }),
    message: z.string(),
    log_tail: z
      .string()
      .optional()
      .meta({ description: "The last lines of ffmpeg's stderr, with paths and addresses removed." }),
  })
  .meta({ id: 'TaskError', description: 'Why a task failed.' })

export const Attempt = z
  .object({
    attempt: z.int().meta({ description: 'Number of the attempt, from 1.' }),
    code: z.string().meta({ description: 'Stable error code.', example: 'source.unavailable' }),
    message: z.string(),
    at: z.iso.datetime(),
    job: z
      .enum(['measure', 'chunk', 'audio', 'stitch'])
      .optional()
      .meta({ description: 'For a task that was divided into several jobs: the kind of job that failed.' }),
  })
  .meta({ id: 'Attempt', description: 'A failed attempt.' })

export const Task = z
  .object({
    id: z.uuid(),
    name: z.string().nullable().meta({
      description:
        'Name of the first source: the file name of an upload, or the last part of a URL. Null when unknown.',
      example: 'holiday.mp4',
    }),
    status: TaskStatus,
    progress: z.int().min(0).max(100).meta({ description: 'Progress in percent.' }),
    preset: z.string().nullable().meta({ description: 'Name of the preset, or null for a recipe.' }),
    recipe: Recipe,
    attempts: z.int().meta({
      description: 'Number of attempts started so far; of several jobs, the number of the job with most.',
    }),
    failures: z
      .array(Attempt)
      .meta({ description: 'The latest 100 failed attempts, including those that were retried.' }),
    error: TaskError.nullable(),
    sources: z
      .array(MediaInfo)
      .meta({ description: 'What each source contains. Empty until they are probed.' }),
    outputs: z.array(TaskOutput).meta({ description: 'Rendered files. Empty until the task has succeeded.' }),
    notify: NotificationStatus,
    metadata: Metadata,
    destination: ShownDestination.nullable(),
    priority: z.int().meta({ description: 'Priority among the tasks of the same user; 0 by default.' }),
    created_at: z.iso.datetime(),
    started_at: z.iso.datetime().nullable(),
    finished_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Task' })

/** How many outputs of each task a list shows. */
export const SUMMARY_OUTPUTS = 3
/** How much of an error message a list shows, in characters. */
export const SUMMARY_MESSAGE = 300

/**
 * A task in a list: less than 2 kB, whatever the task. What grows with the task (recipe, sources, failures, all its outputs)
 * is shown for a single task only.
 */
export const TaskSummary = Task.pick({
  id: true,
  name: true,
  status: true,
  progress: true,
  preset: true,
  attempts: true,
  created_at: true,
  started_at: true,
  finished_at: true,
})
  .extend({
    error: TaskError.pick({ code: true, message: true })
      .nullable()
      .meta({
        description: `Why the task failed. The message is cut off after ${SUMMARY_MESSAGE} characters.`,
      }),
    outputs: z
      .array(TaskOutput)
      .max(SUMMARY_OUTPUTS)
      .meta({
        description: `The first ${SUMMARY_OUTPUTS} rendered files. \`GET /tasks/{id}\` returns all of them.`,
      }),
    output_count: z.int().meta({ description: 'Number of rendered files.' }),
    notify: z
      .object({ email: Delivery.optional(), webhook: Delivery.optional() })
      .meta({ description: 'The state of each notification.' }),
  })
  .meta({ id: 'TaskSummary', description: 'A task in a list, without its recipe, sources and failures.' })

/** How far the work of a task has come that was divided into several jobs. */
const Stages = z
  .object({
    chunks: z
      .object({ done: z.int(), running: z.int(), total: z.int() })
      .meta({ description: 'Parts of the video, which are encoded independently of each other.' }),
    audio: TaskStatus.nullable().meta({ description: 'The audio, or null when there is none.' }),
    stitch: TaskStatus.meta({ description: 'Joining the chunks and the audio into the outputs.' }),
  })
  .meta({ id: 'Stages' })

/** A single task; lists leave the additional fields out. */
export const TaskDetails = Task.extend({
  stages: Stages.nullable().meta({
    description: 'Stages of a task whose work was divided into chunks; null for any other task.',
  }),
  seconds_left: z
    .int()
    .nullable()
    .meta({ description: 'Estimated time until the task has finished, in seconds; null when unknown.' }),
}).meta({ id: 'TaskDetails' })

export const ListQuery = z
  .object({
    ...pageQuery('tasks'),
    status: commaSeparated(TaskStatus).optional().meta({
      description: 'Return only tasks with this status, or with one of several, separated by commas.',
      example: 'queued,running',
    }),
    sort: z.enum(['created', 'finished']).default('created').meta({
      description:
        'What `order` is by: when tasks were created, or when they finished, which leaves out those that have not.',
    }),
    search: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .refine((text) => !text.includes('\0'), { error: 'must not contain NUL' })
      .optional()
      .meta({
        description:
          'Return only tasks with this in the name of a source or of one of the first 20 outputs, in upper or lower case. Each page looks ' +
          'through 2,000 tasks at most: it may be short, or empty, and still have a `next_page`.',
        example: 'holiday',
      }),
    metadata: MetadataFilter,
  })
  .meta({ id: 'ListQuery' })

export const TaskList = z
  .object({ tasks: z.array(TaskSummary), next_page: NextPage })
  .meta({ id: 'TaskList' })

export type Attempt = z.infer<typeof Attempt>
export type TaskError = z.infer<typeof TaskError>
export type TaskOutput = z.infer<typeof TaskOutput>
export type Task = z.infer<typeof Task>
export type TaskSummary = z.infer<typeof TaskSummary>
export type TaskDetails = z.infer<typeof TaskDetails>
export type ListQuery = z.infer<typeof ListQuery>
