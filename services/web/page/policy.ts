import type { Config } from '#shared/config.ts'

/** Cloud Storage, where upload sessions and signed download URLs lead. */
const CLOUD_STORAGE = 'https://storage.googleapis.com'

/**
 * The content security policy of the page: everything from its own origin, no inline script or style, and no script from text
 * (Trusted Types). Uploads and playback go straight to storage where that is another origin; `blob:` is a local file.
 */
export function pagePolicy(storage: Pick<Config['storage'], 'kind' | 'emulator'>): string {
  const origin = storageOrigin(storage)
  const storageToo = origin ? ` ${origin}` : ''
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' blob:${storageToo}`,
    `media-src 'self' blob:${storageToo}`,
    `connect-src 'self'${storageToo}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
}

function storageOrigin({ kind, emulator }: Pick<Config['storage'], 'kind' | 'emulator'>): string | undefined {
  if (kind !== 'gcs') return undefined
  return emulator ? new URL(emulator).origin : CLOUD_STORAGE
}
