import { z } from 'zod'
import { MediaInfo } from './media-info.ts'
import { Recipe } from './recipe.ts'

export const PlannedFile = z
  .object({
    name: z.string().meta({ example: 'output.mp4' }),
    content_type: z.string().meta({ example: 'video/mp4' }),
    seconds: z
      .number()
      .nullable()
      .meta({ description: 'Duration in seconds, or null for images and text files.', example: 20 }),
    width: z.int().nullable().meta({ description: 'Width in pixels.', example: 640 }),
    height: z.int().nullable().meta({ description: 'Height in pixels.', example: 360 }),
    estimated_bytes: z.int().meta({
      description: 'Estimated size in bytes. Still scenes compress to far less, noise to more.',
      example: 1_650_000,
    }),
  })
  .meta({ id: 'PlannedFile', description: 'A file that a task would render.' })

/** The reply to a dry run: what a task would render, and roughly how long that would take. */
export const DryRunResult = z
  .object({
    sources: z.array(MediaInfo).nullable().meta({
      description: 'What each source contains, or null when the sources could not be probed.',
    }),
    problem: z
      .object({ code: z.string().meta({ example: 'source.unavailable' }), message: z.string() })
      .nullable()
      .meta({ description: 'Why the sources could not be probed. All estimates are null in that case.' }),
    outputs: z.array(PlannedFile).meta({ description: 'The files that the task would render.' }),
    bytes_to_read: z
      .int()
      .nullable()
      .meta({ description: 'Estimated bytes to read from all sources together.', example: 6_400_000 }),
    chunks: z.int().nullable().meta({
      description: 'About how many chunks the video would be divided into; 1 when the work is not divided.',
      example: 40,
    }),
    cpu_seconds: z
      .number()
      .nullable()
      .meta({ description: 'Estimated work of all jobs together, in CPU seconds.', example: 1830 }),
    estimated_seconds: z.number().nullable().meta({
      description:
        'Estimated processing time on one worker in seconds, not counting time in the queue or waiting for slow sources.',
    }),
    seconds_on_workers: z
      .array(
        z.object({
          workers: z.int().meta({ example: 10 }),
          seconds: z.number().meta({ example: 104.5 }),
        }),
      )
      .nullable()
      .meta({ description: 'The same estimate for 1, 10 and 100 workers that have nothing else to do.' }),
    limit_seconds: z
      .number()
      .nullable()
      .meta({
        description:
          'Maximum duration of one job, in seconds. Null when there is no such limit, or when the work is divided so ' +
          'that every job is within it.',
        example: 480,
      }),
    fits: z
      .boolean()
      .nullable()
      .meta({
        description:
          'Whether every job is expected to end within the limit. Estimates err on both sides, so a task fails with ' +
          '`media.too_long` only when the estimate of a job exceeds three times the limit.',
      }),
  })
  .meta({ id: 'DryRunResult' })

/** What web sends to batch for a dry run: a complete recipe, and the user whose uploads it may name. */
export const DryRunRequest = z.strictObject({ user_id: z.uuid(), recipe: Recipe })

export const DryRunQuery = z.object({
  dry_run: z
    .enum(['1', 'true', '0', 'false'])
    .optional()
    .meta({ description: '`1` or `true` to validate and estimate the task without creating it.' }),
})

export type PlannedFile = z.infer<typeof PlannedFile>
export type DryRunResult = z.infer<typeof DryRunResult>
export type DryRunRequest = z.infer<typeof DryRunRequest>
export type DryRunQuery = z.infer<typeof DryRunQuery>

/** True when a query asks for a dry run. */
export const isDryRun = ({ dry_run }: DryRunQuery): boolean => dry_run === '1' || dry_run === 'true'
