import { createHmac, timingSafeEqual } from 'node:crypto'

/** What a link allows: the `purpose` separates its signature from others of the same secret. */
export type LinkFields = { purpose: string; fields: string[] }

/** The query of a link that expires. `expiresAt` is cut to seconds. Pure. */
export function signLink({ purpose, fields }: LinkFields, expiresAt: Date, secret: string): URLSearchParams {
  const expires = String(Math.floor(expiresAt.getTime() / 1000))
  const signature = sign([purpose, ...fields, expires], secret).toString('base64url')
  return new URLSearchParams({ expires, signature })
}

/**
 * Why a link is not valid, or undefined when it is. While the signing secret is being replaced, links of both secrets are valid.
 */
export function linkProblem(
  { purpose, fields }: LinkFields,
  { expires, signature }: { expires: string; signature: string },
  secrets: readonly string[],
  now: Date,
): string | undefined {
  const given = Buffer.from(signature, 'base64url')
  const isSigned = secrets.some((secret) => {
    const expected = sign([purpose, ...fields, expires], secret)
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
  if (!isSigned) return 'has an invalid signature'
  return new Date(Number(expires) * 1000) <= now ? 'has expired' : undefined
}

// JSON separates the fields from each other.
const sign = (fields: string[], secret: string): Buffer =>
  createHmac('sha256', secret).update(JSON.stringify(fields)).digest()
