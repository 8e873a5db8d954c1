const MAX_COOKIES = 20
const MAX_COOKIE_LENGTH = 4096
/** A pair that can be sent back as it is: https://www.rfc-editor.org/rfc/rfc6265#section-4.1.1 */
const COOKIE_PAIR = /^[\w!#$%&'*+.^`|~-]+=[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e"]*$/

/**
 * Cookies that live as long as one request and its redirects: some hosts set one and redirect to the same URL. Each
 * goes back only to the very origin that set it.
 */
export type RedirectCookies = {
  store(url: URL, setCookie: string | string[] | undefined): void
  /** The Cookie header for a URL; undefined without cookies. */
  header(url: URL): string | undefined
}

export function createRedirectCookies(): RedirectCookies {
  const cookies = new Map<string, Map<string, string>>()
  return {
    store({ origin }, setCookie = []) {
      const own = cookies.get(origin) ?? new Map<string, string>()
      cookies.set(origin, own)
      for (const line of [setCookie].flat()) {
        const pair = line.split(';')[0]?.trim() ?? ''
        if (pair.length > MAX_COOKIE_LENGTH || !COOKIE_PAIR.test(pair)) continue
        const name = pair.slice(0, pair.indexOf('='))
        if (own.size < MAX_COOKIES || own.has(name)) own.set(name, pair)
      }
    },
    header({ origin }) {
      const pairs = [...(cookies.get(origin)?.values() ?? [])]
      return pairs.length > 0 ? pairs.join('; ') : undefined
    },
  }
}
