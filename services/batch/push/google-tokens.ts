import { type Certificates, OAuth2Client } from 'google-auth-library'
import { CutroomError } from '#shared/errors.ts'
import type { VerifyIdToken } from './verify-caller.ts'

const ISSUERS = ['accounts.google.com', 'https://accounts.google.com']

/**
 * Creates a verifier of OIDC tokens issued by Google. The client fetches Google's certificates and caches them for
 * as long as they are valid; tests pass `fetchCertificates` (key id → PEM) instead.
 */
export function createGoogleTokens(fetchCertificates?: () => Promise<Certificates>): VerifyIdToken {
  const client = new OAuth2Client()
  const fetchGoogleCertificates = async () => (await client.getFederatedSignonCertsAsync()).certs

  // The client's own verifyIdToken combines these two steps and does not say which of them failed.
  return async (token, audience) => {
    const certificates = await (fetchCertificates ?? fetchGoogleCertificates)().catch((cause) => {
      throw new CutroomError('auth.unavailable', "Google's certificates could not be fetched; try again.", {
        cause,
      })
    })
    const ticket = await client
      .verifySignedJwtWithCertsAsync(token, certificates, audience, ISSUERS)
      .catch((error: Error) => {
        throw new CutroomError('auth.required', `The push token is invalid: ${reason(error)}.`)
      })
    const claims = ticket.getPayload()
    return { email: claims?.email, emailVerified: claims?.email_verified === true }
  }
}

/** The library's message without the token, a secret, that follows a colon or comma. */
const reason = (error: Error) => error.message.split(/[:,]/)[0] ?? ''
