const BROWSERS: readonly (readonly [name: string, pattern: RegExp])[] = [
  // The order matters: each claims to be those after it.
  ['Edge', /\bEdg(e|A|iOS)?\//],
  ['Opera', /\bOPR\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(Firefox|FxiOS)\//],
  ['Chrome', /\b(Headless)?(Chrome|CriOS)\//],
  ['Safari', /\bSafari\//],
]
const SYSTEMS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Android', /Android/],
  ['iPhone', /iPhone/],
  ['iPad', /iPad/],
  ['Windows', /Windows/],
  ['macOS', /Mac OS X/],
  ['ChromeOS', /\bCrOS\b/],
  ['Linux', /Linux/],
]

/**
 * A `User-Agent` header as people would put it: `Firefox · Windows`. For programs, their product: `curl/8.5.0`; undefined for
 * an empty one.
 */
export function deviceName(userAgent: string | null): string | undefined {
  if (!userAgent) return undefined
  const find = (table: typeof BROWSERS) => table.find(([, pattern]) => pattern.test(userAgent))?.[0]
  const names = [find(BROWSERS), find(SYSTEMS)].filter((name) => name !== undefined)
  return names.length > 0 ? names.join(' · ') : userAgent.split(' ')[0]
}
