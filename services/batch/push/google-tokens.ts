import { type Certificates, OAuth2Client } from 'google-auth-library'
import { CutroomError } from '#shared/errors.ts'
import type { VerifyIdToken } from './verify-push.ts'

const ISSUERS = ['accounts.google.com', 'https://accounts.google.com']

/**
 * Checks OIDC tokens as Google signs them, with Google's certificates, which the client fetches and keeps for
 * as long as they are good. `fetchCertificates` gives others in their place: key id → PEM.
 */
export function createGoogleTokens(fetchCertificates?: () => Promise<Certificates>): VerifyIdToken {
  const client = new OAuth2Client()
  const fetchGoogles = async () => (await client.getFederatedSignonCertsAsync()).certs

  // The client's own verifyIdToken does these two steps in one, and leaves open which of them failed.
  return async (token, audience) => {
    const certificates = await (fetchCertificates ?? fetchGoogles)().catch((cause) => {
      throw new CutroomError('auth.unavailable', "Google's certificates could not be fetched.", { cause })
    })
    const ticket = await client
      .verifySignedJwtWithCertsAsync(token, certificates, audience, ISSUERS)
      .catch((error: Error) => {
        throw new CutroomError('auth.required', `The push token is not good: ${reason(error)}.`)
      })
    const claims = ticket.getPayload()
    return { email: claims?.email, emailVerified: claims?.email_verified === true }
  }
}

/** The library's messages go on with the whole token after a colon or comma: a secret, so not for the log. */
const reason = (error: Error) => error.message.split(/[:,]/)[0] ?? ''
