import { CutroomError } from '#shared/errors.ts'
import { type LinkFields, linkProblem, signLink } from '../http/signed-link.ts'

/** Permission to download one output of a task until a point in time. */
export type OutputLink = { taskId: string; name: string; expiresAt: Date }

const fieldsOf = ({ taskId, name }: Pick<OutputLink, 'taskId' | 'name'>): LinkFields => ({
  purpose: 'cutroom-output',
  fields: [taskId, name],
})

/** Path and query of a signed link, which works for anyone who has it. `expiresAt` is cut to seconds. Pure. */
export const signOutputLink = (link: OutputLink, secret: string): string =>
  `/shared/${link.taskId}/${encodeURIComponent(link.name)}?${signLink(fieldsOf(link), link.expiresAt, secret)}`

/**
 * Verifies the parts of a link. While the signing secret is being replaced, links of both secrets are valid.
 * @throws CutroomError `output.link_invalid` when no secret has signed it, it was changed, or it has expired.
 */
export function verifyOutputLink(
  link: { taskId: string; name: string; expires: string; signature: string },
  secrets: readonly string[],
  now = new Date(),
): void {
  const problem = linkProblem(fieldsOf(link), link, secrets, now)
  if (problem) {
    throw new CutroomError('output.link_invalid', `The link ${problem}. Ask its sender for a new one.`)
  }
}
