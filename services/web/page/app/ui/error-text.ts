import { formatSeconds, isText, type Text, t } from '../i18n/index.ts'

/** An error of a request, or the reason of a failed attempt. `retryAfter` in seconds. */
export type Failure = { code: string; message: string; retryAfter?: number | undefined }

/** Codes that mean the same to a person as another one. */
const SAME: Record<string, string> = {
  'media.disk_full': 'space',
  'media.no_free_memory': 'unavailable',
  'media.no_free_space': 'space',
  'notify.no_mail': 'disabled',
  'output.link_invalid': 'auth.link_invalid',
  'service.stopping': 'unavailable',
  'service.wrong_key': 'disabled',
  'source.headers_disabled': 'source.headers',
  'source.headers_expired': 'source.headers',
  'source.link_invalid': 'auth.link_invalid',
  'source.no_ranges': 'source.unavailable',
  'storage.full': 'space',
  'upload.link_invalid': 'upload.not_found',
  'upload.missing': 'upload.not_found',
}

/** The text for a code: its own, or else one for all codes that begin or end with the same word. */
export function errorName(code: string): Text | undefined {
  const [group = '', what = ''] = code.split('.')
  return [SAME[code] ?? code, group, what].map((name) => `error.${name}`).find(isText)
}

/** An error in words: the page's own, with what to do, or those of the service where the page has none. */
export function errorText({ code, message, retryAfter = 10 }: Failure): string {
  const name = errorName(code)
  return name ? t(name, { seconds: formatSeconds(retryAfter), message }) : message
}
