import { z } from 'zod'

/** Every error reply: application/problem+json, RFC 9457, with a stable `code`. */
export const Problem = z
  .object({
    type: z
      .string()
      .meta({ description: 'Always about:blank; `code` tells the kind.', example: 'about:blank' }),
    title: z.string().meta({ example: 'No such task' }),
    status: z.int().meta({ example: 404 }),
    code: z.string().meta({ description: 'Stable: programs decide by it.', example: 'task.not_found' }),
    detail: z.string().meta({ description: 'For people.', example: 'There is no such task.' }),
    request_id: z.string().optional().meta({ description: 'Name it when you ask for help.' }),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'For input: each wrong field.' }),
  })
  .meta({ id: 'Problem' })
export type Problem = z.infer<typeof Problem>
