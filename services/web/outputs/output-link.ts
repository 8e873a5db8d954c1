import { createHmac, timingSafeEqual } from 'node:crypto'
import { CutroomError } from '#shared/errors.ts'

/** Permission to download one output of a task until a point in time. */
export type OutputLink = { taskId: string; name: string; expiresAt: Date }

/** Path and query of a signed link, which works for anyone who has it. `expiresAt` is cut to seconds. Pure. */
export function signOutputLink({ taskId, name, expiresAt }: OutputLink, secret: string): string {
  const expires = String(Math.floor(expiresAt.getTime() / 1000))
  const signature = sign([taskId, name, expires], secret).toString('base64url')
  const query = new URLSearchParams({ expires, signature })
  return `/shared/${taskId}/${encodeURIComponent(name)}?${query}`
}

/**
 * Verifies the parts of a link. While the signing secret is being replaced, links of both secrets are valid.
 * @throws CutroomError `output.link_invalid` when no secret has signed it, it was changed, or it has expired.
 */
export function verifyOutputLink(
  { taskId, name, expires, signature }: { taskId: string; name: string; expires: string; signature: string },
  secrets: readonly string[],
  now = new Date(),
): void {
  const given = Buffer.from(signature, 'base64url')
  const isSigned = secrets.some((secret) => {
    const expected = sign([taskId, name, expires], secret)
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
  if (!isSigned) throw invalid('has an invalid signature')
  if (new Date(Number(expires) * 1000) <= now) throw invalid('has expired')
}

// The prefix separates these signatures from others that use the same secret; JSON separates the fields from each other.
const sign = (fields: string[], secret: string): Buffer =>
  createHmac('sha256', secret)
    .update(JSON.stringify(['cutroom-output', ...fields]))
    .digest()

const invalid = (reason: string) =>
  new CutroomError('output.link_invalid', `The link ${reason}. Ask its sender for a new one.`)
