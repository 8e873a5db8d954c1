import { z } from 'zod'
import { CreateTask } from '../create-task.ts'
import { Task } from '../tasks.ts'

const MAX_BATCH = 100

export const CreateTasks = z
  .strictObject({
    mode: z
      .enum(['all', 'each'])
      .default('all')
      .meta({
        description:
          '`all` creates all tasks or none: the first one that cannot be created is the error of the request. `each` creates those that ' +
          'can be created and returns an error for each of the others. In both modes, a body with invalid fields is refused as a whole.',
      }),
    tasks: z
      .array(CreateTask)
      .min(1)
      .max(MAX_BATCH)
      .meta({ description: `Up to ${MAX_BATCH} tasks, as \`POST /tasks\` takes them.` }),
  })
  .meta({ id: 'CreateTasks' })
export type CreateTasks = z.infer<typeof CreateTasks>

const CreatedTask = z
  .object({
    task: Task.nullable().meta({ description: 'The task, or null when it could not be created.' }),
    error: z
      .object({
        code: z.string().meta({ description: 'Stable error code.', example: 'upload.not_found' }),
        message: z.string(),
      })
      .nullable()
      .meta({ description: 'Why it could not be created.' }),
  })
  .meta({ id: 'CreatedTask' })
export type CreatedTask = z.infer<typeof CreatedTask>

export const CreatedTasks = z
  .object({ results: z.array(CreatedTask).meta({ description: 'One for each task, in the same order.' }) })
  .meta({ id: 'CreatedTasks' })
export type CreatedTasks = z.infer<typeof CreatedTasks>
