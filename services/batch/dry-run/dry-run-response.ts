import type { DryRunResult, PlannedFile } from '#shared/contract/dry-run.ts'
import type { Recipe } from '#shared/contract/recipe.ts'
import type { CutroomError } from '#shared/errors.ts'
import { type Circumstances, estimate } from '../media/estimate/estimate.ts'
import type { PlannedOutput } from '../media/plan/types.ts'
import type { PlannedRender } from '../media/types.ts'

/** A plan as the API tells of it. `limitMs` is what the work may take. */
export function toDryRunResult(
  recipe: Recipe,
  drafted: PlannedRender,
  { limitMs, ...circumstances }: Circumstances & { limitMs: number },
): DryRunResult {
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
export const describeUnread = ({ code, message }: CutroomError, limitMs: number): DryRunResult => ({
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
