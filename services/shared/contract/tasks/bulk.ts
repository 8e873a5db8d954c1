import { z } from 'zod'
import { Uuid } from '../id.ts'

const MAX_BULK = 100

export const BulkTasks = z
  .strictObject({
    action: z.enum(['abort', 'delete']).meta({
      description:
        '`abort` aborts tasks that are queued or running. `delete` removes tasks and their files; tasks that are still active are aborted first.',
    }),
    ids: z
      .array(Uuid)
      .min(1)
      .max(MAX_BULK)
      .meta({ description: `Ids of up to ${MAX_BULK} tasks.` }),
  })
  .meta({ id: 'BulkTasks' })
export type BulkTasks = z.infer<typeof BulkTasks>

export const BulkResult = z
  .object({
    id: z.uuid(),
    outcome: z.enum(['aborted', 'deleted', 'failed']),
    error: z
      .object({ code: z.string(), message: z.string() })
      .nullable()
      .meta({ description: 'Why nothing was done with this task: `task.not_found` or `task.finished`.' }),
  })
  .meta({ id: 'BulkResult' })
export type BulkResult = z.infer<typeof BulkResult>

export const BulkResults = z
  .object({ results: z.array(BulkResult).meta({ description: 'One for each id, in the same order.' }) })
  .meta({ id: 'BulkResults' })
