import type { DryRunResult, PlannedFile } from '#shared/contract/dry-run.ts'
import type { Recipe } from '#shared/contract/recipe.ts'
import type { CutroomError } from '#shared/errors.ts'
import { type Circumstances, estimate } from '../media/estimate/estimate.ts'
import type { PlannedOutput } from '../media/plan/types.ts'
import type { PlannedRender } from '../media/types.ts'

/** The reply to a dry run. `limitMs` is how long the render may take. */
export function toDryRunResult(
  recipe: Recipe,
  planned: PlannedRender,
  { limitMs, ...circumstances }: Circumstances & { limitMs: number },
): DryRunResult {
  const { files, bytesToRead, seconds } = estimate(recipe, planned, circumstances)
  return {
    sources: planned.sources,
    problem: null,
    outputs: files.map(({ output, bytes }) => toPlannedFile(output, bytes)),
    bytes_to_read: bytesToRead,
    estimated_seconds: rounded(seconds, 1),
    limit_seconds: limitMs / 1000,
    fits: seconds * 1000 <= limitMs,
  }
}

/** The reply when the sources could not be probed: the reason, and no estimates. */
export const toUnprobedResult = ({ code, message }: CutroomError, limitMs: number): DryRunResult => ({
  sources: null,
  problem: { code, message },
  outputs: [],
  bytes_to_read: null,
  estimated_seconds: null,
  limit_seconds: limitMs / 1000,
  fits: null,
})

const toPlannedFile = ({ name, contentType, expected, size }: PlannedOutput, bytes: number): PlannedFile => ({
  name,
  content_type: contentType,
  seconds: expected && rounded(expected.seconds, 3),
  width: expected?.width ?? size?.width ?? null,
  height: expected?.height ?? size?.height ?? null,
  estimated_bytes: bytes,
})

const rounded = (value: number, digits: number) => Number(value.toFixed(digits))
