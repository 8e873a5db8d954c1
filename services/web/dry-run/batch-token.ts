import { GoogleAuth } from 'google-auth-library'
import { CutroomError } from '#shared/errors.ts'

/** Gives the Authorization header that batch wants to see. */
export type BatchHeaders = () => Promise<string>

/**
 * An OIDC token of this service's own account for batch's audience, from the metadata server; kept until shortly
 * before it expires. Throws `dry_run.unavailable` when there is none to be had.
 */
export function idTokenHeaders(audience: string): BatchHeaders {
  const auth = new GoogleAuth()
  return async () => {
    try {
      const client = await auth.getIdTokenClient(audience)
      return (await client.getRequestHeaders()).get('authorization') ?? ''
    } catch (cause) {
      throw new CutroomError('dry_run.unavailable', 'No token for batch could be had.', { cause })
    }
  }
}
