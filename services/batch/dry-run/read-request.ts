import { DryRunRequest } from '#shared/contract/dry-run.ts'
import { CutroomError } from '#shared/errors.ts'

/** The body of a call for a plan. Throws `request.invalid`, each wrong field named. */
export function readDryRunRequest(body: unknown): DryRunRequest {
  const { data, error } = DryRunRequest.safeParse(body)
  if (data) return data
  throw new CutroomError('request.invalid', 'The plan was refused; see errors.', {
    fields: error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
  })
}
