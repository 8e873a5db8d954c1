import { z } from 'zod'

const MAX_KEYS = 16
const MAX_KEY_LENGTH = 40
const MAX_VALUE_LENGTH = 500

/** Brackets would make `metadata[key]` of a query ambiguous. */
const KEY = new RegExp(`^[^[\\]]{1,${MAX_KEY_LENGTH}}$`, 'u')

const Pairs = z.record(z.string(), z.string().max(MAX_VALUE_LENGTH)).superRefine((pairs, context) => {
  const keys = Object.keys(pairs)
  const issue = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message })
  if (keys.length > MAX_KEYS) issue([], `must have at most ${MAX_KEYS} keys`)
  for (const key of keys.filter((name) => !KEY.test(name))) {
    issue([key], `is not a valid key: use 1 to ${MAX_KEY_LENGTH} characters without \`[\` and \`]\``)
  }
})

/** What a client attaches to a task for its own use. */
export const Metadata = Pairs.meta({
  id: 'Metadata',
  description:
    `Values of your own, such as an order number: up to ${MAX_KEYS} keys of at most ${MAX_KEY_LENGTH} characters, with texts of at ` +
    `most ${MAX_VALUE_LENGTH} characters. They are returned with the task and sent with its webhooks, and change nothing else.`,
  maxProperties: MAX_KEYS,
  examples: [{ order: '17', customer: 'acme' }],
})

/** Metadata that all tasks of a list must have. */
export const MetadataFilter = Pairs.refine((filter) => Object.keys(filter).length > 0, {
  error: 'must name a key, as in metadata[order]=17',
})
  .optional()
  .meta({
    description:
      'Return only tasks whose metadata has this key with exactly this value, as in `metadata[order]=17`. Of several, all must match.',
    param: { style: 'deepObject', explode: true },
    maxProperties: MAX_KEYS,
    example: { order: '17' },
  })

export type Metadata = z.infer<typeof Metadata>
