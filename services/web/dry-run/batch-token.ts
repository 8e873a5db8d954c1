import { GoogleAuth } from 'google-auth-library'
import { CutroomError, type ErrorCode } from '#shared/errors.ts'

/** Returns the Authorization header for a request to batch. */
export type AuthorizeBatch = () => Promise<string>

/**
 * Authorizes with an OIDC token of this service's account for `audience`. The token comes from the metadata server and
 * is cached until shortly before it expires.
 * @throws CutroomError the service's `unavailable` when there is no token.
 */
export function authorizeWithIdToken(
  audience: string,
  { name, unavailable }: { name: string; unavailable: ErrorCode },
): AuthorizeBatch {
  const auth = new GoogleAuth()
  return async () => {
    try {
      const client = await auth.getIdTokenClient(audience)
      return (await client.getRequestHeaders()).get('authorization') ?? ''
    } catch (cause) {
      throw new CutroomError(
        unavailable,
        `The ${name} could not be sent: the metadata server issued no ID token for the batch service.`,
        { cause },
      )
    }
  }
}
