/** Shorter than the year that RFC 9116 recommends as the maximum: a file from a cache must not outlive its contact. */
const VALID_DAYS = 180

/** A security.txt file (RFC 9116). `contact` is a mailto: or https: URL. Pure. */
export function securityTxt(contact: string, publicUrl: string, now: Date): string {
  const expires = new Date(now.getTime() + VALID_DAYS * 86_400_000)
  return [
    `Contact: ${contact}`,
    `Expires: ${expires.toISOString().slice(0, 10)}T00:00:00Z`,
    'Preferred-Languages: en',
    `Canonical: ${publicUrl}/.well-known/security.txt`,
    '',
  ].join('\n')
}
