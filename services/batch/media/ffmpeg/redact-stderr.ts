const ADDRESS = /\b[a-z][a-z0-9+.-]*:\/\/\S+/gi
const NAMED_FILE = /\b(?:file|concat|subfile|crypto|data|pipe|fd):[^\s'":;,]+/gi
const PATH = /(?<![\w.])(?:~|\.{1,2})?(?:\/[\w.@%+~-]+)+\/?/g
const POINTER = /@\s*0x[0-9a-f]+/gi
const SECRET = /\b(?:[A-Za-z0-9_-]{16,}\.){2}[A-Za-z0-9_-]{16,}\b|\b[A-Za-z0-9+_=-]{32,}\b/g

// Names all that would have been read; the message says what it was instead.
const FORBIDDEN = /not on whitelist '/

/** At most this many characters are shown of what a tool said. */
const MAX = 600

/** The last words of a tool, fit for the owner's eyes: no paths, addresses, tokens or control characters. */
export function redactStderr(lines: string[]): string {
  const text = lines
    .filter((line) => !FORBIDDEN.test(line))
    .join('\n')
    .replace(ADDRESS, '<address>')
    .replace(NAMED_FILE, '<file>')
    .replace(PATH, '<file>')
    .replace(POINTER, '')
    .replace(SECRET, '<hidden>')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f]/g, '')
    .replace(/ +\]/g, ']')
    .trim()
  return text.length > MAX ? `…${text.slice(1 - MAX)}` : text
}
