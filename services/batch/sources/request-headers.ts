import type { SourceHeaders } from '#shared/contract/recipe.ts'

const MAX_COOKIES = 20
const MAX_COOKIE_LENGTH = 4096
/** A pair that can be sent back as it is: https://www.rfc-editor.org/rfc/rfc6265#section-4.1.1 */
const COOKIE_PAIR = /^[\w!#$%&'*+.^`|~-]+=[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e"]*$/

/** The headers that a user gave with a source's URL, by names in lower case, and the origin that they are meant for. */
export type OwnHeaders = { origin: string; values: Record<string, string> }

/** What a request to a file asks for: a range in bytes, both ends inclusive, and the version that must still be there. */
export type RequestedBytes = { range?: { start: number; end: number }; ifRange?: string | undefined }

/**
 * The headers of one request and of those that follow its redirects. Cookies that hosts set live as long as it: some
 * set one and redirect to the same URL.
 */
export type RequestHeaders = {
  /**
   * All headers for a URL. The user's own go to the origin of the URL as it was given and nowhere else, cookies go back
   * to the very origin that set them.
   */
  to(url: URL): Record<string, string>
  storeCookies(url: URL, setCookie: string | string[] | undefined): void
}

export const ownHeaders = (url: string, headers: SourceHeaders): OwnHeaders => ({
  origin: new URL(url).origin,
  values: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
})

/** Whether a user's headers may be sent to a URL: scheme, host and port must be those of the URL that was given. */
export const areFor = ({ origin }: OwnHeaders, url: URL): boolean => url.origin === origin

export function createRequestHeaders({
  range,
  ifRange,
  own,
}: RequestedBytes & { own?: OwnHeaders | undefined }): RequestHeaders {
  /** Pairs by origin and name. */
  const cookies = new Map<string, Map<string, string>>()

  return {
    to(url) {
      const values = own && areFor(own, url) ? own.values : {}
      const cookie = joinCookies(values.cookie, cookies.get(url.origin))
      return {
        accept: '*/*',
        'user-agent': 'Cutroom',
        ...values,
        'accept-encoding': 'identity',
        ...(range && { range: `bytes=${range.start}-${range.end}` }),
        ...(range && ifRange && { 'if-range': ifRange }),
        ...(cookie && { cookie }),
      }
    },
    storeCookies({ origin }, setCookie = []) {
      const stored = cookies.get(origin) ?? new Map<string, string>()
      cookies.set(origin, stored)
      for (const line of [setCookie].flat()) {
        const pair = line.split(';')[0]?.trim() ?? ''
        if (pair.length > MAX_COOKIE_LENGTH || !COOKIE_PAIR.test(pair)) continue
        if (stored.size < MAX_COOKIES || stored.has(nameOf(pair))) stored.set(nameOf(pair), pair)
      }
    },
  }
}

/** The user's own cookies, except those that the host has set anew, and the host's. */
function joinCookies(own = '', stored = new Map<string, string>()): string {
  const kept = own.split('; ').filter((pair) => pair !== '' && !stored.has(nameOf(pair)))
  return [...kept, ...stored.values()].join('; ')
}

const nameOf = (pair: string): string => pair.split('=', 1)[0] ?? ''
