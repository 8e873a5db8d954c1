import { z } from 'zod'
import { MediaInfo } from './media-info.ts'
import { Recipe } from './recipe.ts'

/** What a dry run answers: what a task would make, and about what that would take. */
export const PlannedFile = z
  .object({
    name: z.string().meta({ example: 'output.mp4' }),
    content_type: z.string().meta({ example: 'video/mp4' }),
    seconds: z.number().nullable().meta({ description: 'Length; null for pictures and texts.', example: 20 }),
    width: z.int().nullable().meta({ example: 640 }),
    height: z.int().nullable().meta({ example: 360 }),
    estimated_bytes: z.int().meta({
      description: 'Roughly: a still scene comes to far less, noise to more.',
      example: 1_650_000,
    }),
  })
  .meta({ id: 'PlannedFile' })

export const DryRunResult = z
  .object({
    sources: z
      .array(MediaInfo)
      .nullable()
      .meta({ description: 'What was found in each source; null when they could not be looked at.' }),
    problem: z
      .object({ code: z.string().meta({ example: 'source.unavailable' }), message: z.string() })
      .nullable()
      .meta({ description: 'Why the sources could not be looked at. All estimates are null then.' }),
    outputs: z.array(PlannedFile),
    bytes_to_read: z
      .int()
      .nullable()
      .meta({ description: 'Of all sources together, roughly.', example: 6_400_000 }),
    estimated_seconds: z
      .number()
      .nullable()
      .meta({ description: 'Of work, roughly, without waiting in the queue or for a slow source.' }),
    limit_seconds: z.number().meta({ description: 'How long the work may take.', example: 480 }),
    fits: z
      .boolean()
      .nullable()
      .meta({
        description:
          'Whether the estimate is within the limit. A task is refused, with `media.too_long`, only when its ' +
          'estimate is more than three times the limit.',
      }),
  })
  .meta({ id: 'TaskPlan' })

/** What web asks batch to plan: a recipe, and whose uploads it may name. */
export const DryRunRequest = z.strictObject({ user_id: z.uuid(), recipe: Recipe })

/** A flag in a query. */
export const DryRunQuery = z.object({
  dry_run: z
    .enum(['1', 'true', '0', 'false'])
    .optional()
    .meta({ description: '1 or true: nothing is made, and the reply is the plan.' }),
})

export type PlannedFile = z.infer<typeof PlannedFile>
export type DryRunResult = z.infer<typeof DryRunResult>
export type DryRunRequest = z.infer<typeof DryRunRequest>
export type DryRunQuery = z.infer<typeof DryRunQuery>

/** True when a query asks for the plan alone. */
export const isDryRun = ({ dry_run }: DryRunQuery): boolean => dry_run === '1' || dry_run === 'true'
