import { z } from 'zod'

/** The body of every error reply: `application/problem+json` (RFC 9457) with a stable `code`. */
export const Problem = z
  .object({
    type: z
      .string()
      .meta({ description: 'Always `about:blank`. Use `code` instead.', example: 'about:blank' }),
    title: z.string().meta({ description: 'A short summary of the code.', example: 'Task not found' }),
    status: z.int().meta({ description: 'The HTTP status.', example: 404 }),
    code: z
      .string()
      .meta({ description: 'Stable error code, for programs to act on.', example: 'task.not_found' }),
    detail: z.string().meta({
      description: 'What happened in this case, for people. The wording may change.',
      example: 'There is no such task.',
    }),
    request_id: z
      .string()
      .optional()
      .meta({ description: 'Id of the request. Include it when you report a problem.' }),
    errors: z
      .array(
        z.object({
          path: z.string().meta({ description: 'JSON path of the field.', example: 'recipe.output.crf' }),
          message: z.string().meta({ description: 'What is wrong with it.' }),
        }),
      )
      .optional()
      .meta({ description: 'Every invalid field of the request.' }),
  })
  .meta({ id: 'Problem' })
export type Problem = z.infer<typeof Problem>
