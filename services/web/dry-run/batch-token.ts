import { GoogleAuth } from 'google-auth-library'
import { CutroomError } from '#shared/errors.ts'

/** Returns the Authorization header for a request to batch. */
export type AuthorizeBatch = () => Promise<string>

/**
 * Authorizes with an OIDC token of this service's account for `audience`. The token comes from the metadata server and
 * is cached until shortly before it expires.
 * @throws CutroomError `dry_run.unavailable` when there is no token.
 */
export function authorizeWithIdToken(audience: string): AuthorizeBatch {
  const auth = new GoogleAuth()
  return async () => {
    try {
      const client = await auth.getIdTokenClient(audience)
      return (await client.getRequestHeaders()).get('authorization') ?? ''
    } catch (cause) {
      throw new CutroomError(
        'dry_run.unavailable',
        'The dry run could not be sent: the metadata server issued no ID token for the batch service.',
        { cause },
      )
    }
  }
}
