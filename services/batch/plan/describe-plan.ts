import type { Recipe } from '#shared/contract/recipe.ts'
import type { PlannedFile, TaskPlan } from '#shared/contract/task-plan.ts'
import type { CutroomError } from '#shared/errors.ts'
import type { Drafted } from '../media/drafted.ts'
import type { PlannedOutput } from '../media/plan-types.ts'
import { type Circumstances, estimate } from './estimate.ts'

/** A plan as the API tells of it. `limitMs` is what the work may take. */
export function describePlan(
  recipe: Recipe,
  drafted: Drafted,
  { limitMs, ...circumstances }: Circumstances & { limitMs: number },
): TaskPlan {
  const { files, bytesToRead, seconds } = estimate(recipe, drafted, circumstances)
  return {
    sources: drafted.sources,
    problem: null,
    outputs: files.map(({ output, bytes }) => describeFile(output, bytes)),
    bytes_to_read: bytesToRead,
    estimated_seconds: rounded(seconds, 1),
    limit_seconds: limitMs / 1000,
    fits: seconds * 1000 <= limitMs,
  }
}

/** The plan of sources that could not be looked at: nothing, and why. */
export const describeUnread = ({ code, message }: CutroomError, limitMs: number): TaskPlan => ({
  sources: null,
  problem: { code, message },
  outputs: [],
  bytes_to_read: null,
  estimated_seconds: null,
  limit_seconds: limitMs / 1000,
  fits: null,
})

const describeFile = ({ name, contentType, expected, size }: PlannedOutput, bytes: number): PlannedFile => ({
  name,
  content_type: contentType,
  seconds: expected && rounded(expected.seconds, 3),
  width: expected?.width ?? size?.width ?? null,
  height: expected?.height ?? size?.height ?? null,
  estimated_bytes: bytes,
})

const rounded = (value: number, digits: number) => Number(value.toFixed(digits))
