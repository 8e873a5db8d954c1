import { DryRunRequest } from '#shared/contract/dry-run.ts'
import { CutroomError } from '#shared/errors.ts'

/**
 * Validates the body of a dry-run request.
 *
 * @throws CutroomError `request.invalid`, naming each invalid field
 */
export function readDryRunRequest(body: unknown): DryRunRequest {
  const { data, error } = DryRunRequest.safeParse(body)
  if (data) return data
  throw new CutroomError('request.invalid', 'The dry-run request has invalid fields; see errors.', {
    fields: error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
  })
}
