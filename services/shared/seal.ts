import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** Keys of 32 bytes: the first one seals, each of them unseals, so that a key can be replaced. */
export type SealingKeys = readonly Buffer[]

// AES-256-GCM with random IVs of 96 bits: https://csrc.nist.gov/pubs/sp/800/38/d/final
const CIPHER = 'aes-256-gcm'
const FORMAT = 1
const IV_BYTES = 12
const TAG_BYTES = 16
const BODY_START = 1 + IV_BYTES + TAG_BYTES

/**
 * Encrypts a text. It can only be decrypted with the same `context`, such as the id of the row that it belongs to.
 * The result is a byte for the format, the IV, the authentication tag, and the encrypted text.
 */
export function seal(text: string, context: string, [key]: SealingKeys): Buffer {
  if (!key) throw new Error('There is no key to encrypt with.')
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(CIPHER, key, iv).setAAD(Buffer.from(context))
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([Buffer.of(FORMAT), iv, cipher.getAuthTag(), body])
}

/** The text of `seal`. Undefined when no key decrypts it, the context is another, or a byte was changed. */
export function unseal(sealed: Buffer, context: string, keys: SealingKeys): string | undefined {
  if (sealed[0] !== FORMAT || sealed.length < BODY_START) return undefined
  for (const key of keys) {
    const text = unsealWith(key, sealed, context)
    if (text !== undefined) return text
  }
  return undefined
}

function unsealWith(key: Buffer, sealed: Buffer, context: string): string | undefined {
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(1, 1 + IV_BYTES), {
    authTagLength: TAG_BYTES,
  })
    .setAAD(Buffer.from(context))
    .setAuthTag(sealed.subarray(1 + IV_BYTES, BODY_START))
  try {
    return Buffer.concat([decipher.update(sealed.subarray(BODY_START)), decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}
