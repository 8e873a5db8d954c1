import { GoogleAuth } from 'google-auth-library'
import { CutroomError } from '#shared/errors.ts'

/** Gives the Authorization header that batch wants to see. */
export type ShowBatch = () => Promise<string>

/**
 * An OIDC token of this service's own account for batch's audience, from the metadata server; kept until shortly
 * before it expires. Throws `plan.unavailable` when there is none to be had.
 */
export function showIdToken(audience: string): ShowBatch {
  const auth = new GoogleAuth()
  return async () => {
    try {
      const client = await auth.getIdTokenClient(audience)
      return (await client.getRequestHeaders()).get('authorization') ?? ''
    } catch (cause) {
      throw new CutroomError('plan.unavailable', 'No token for batch could be had.', { cause })
    }
  }
}
