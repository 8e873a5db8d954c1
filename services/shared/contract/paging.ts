import { z } from 'zod'

/** Query parameters of a list; `entries` names what it lists, such as "tasks". */
export const pageQuery = (entries: string) => ({
  max: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(20)
    .meta({ description: `Maximum number of ${entries} to return.` }),
  order: z
    .enum(['0', '1'], { error: 'must be 1 (newest first) or 0 (oldest first)' })
    .default('1')
    .meta({ description: `\`0\` returns the oldest ${entries} first, \`1\` the newest.` }),
  page: z.string().max(200).optional().meta({ description: '`next_page` of the previous reply.' }),
})

/** A query parameter with one or more values of an enum: `queued,running`. */
export const commaSeparated = <Value extends string>(values: z.ZodType<Value>) =>
  z
    .string({ error: 'must be one text with commas, such as `a,b`' })
    .max(500)
    .transform((list, context) => {
      const parsed = z.array(values).safeParse(list.split(','))
      if (parsed.success) return [...new Set(parsed.data)]
      for (const { message } of parsed.error.issues) context.addIssue({ code: 'custom', message })
      return z.NEVER
    })

/** Where the next page of a list begins. */
export const NextPage = z
  .string()
  .nullable()
  .meta({ description: 'Pass it as `page` to get the next page. Null on the last page.' })
