const URL_WITH_HOST = /\b[a-z][a-z0-9+.-]*:\/\/\S+/gi
const PROTOCOL_PATH = /\b(?:file|concat|subfile|crypto|data|pipe|fd):[^\s'":;,]+/gi
const PATH = /(?<![\w.])(?:~|\.{1,2})?(?:\/[\w.@%+~-]+)+\/?/g
const POINTER = /@\s*0x[0-9a-f]+/gi
const SECRET = /\b(?:[A-Za-z0-9_-]{16,}\.){2}[A-Za-z0-9_-]{16,}\b|\b[A-Za-z0-9+_=-]{32,}\b/g

// Such a line lists the whole whitelist; the error message names the one format that was refused instead.
const WHITELIST_LINE = /not on whitelist '/

const MAX_LENGTH = 600

/**
 * The last lines of a tool's stderr, at most 600 characters, safe to show to the owner of the task: without
 * paths, URLs, tokens or control characters.
 */
export function redactStderr(lines: string[]): string {
  const text = lines
    .filter((line) => !WHITELIST_LINE.test(line))
    .join('\n')
    .replace(URL_WITH_HOST, '<address>')
    .replace(PROTOCOL_PATH, '<file>')
    .replace(PATH, '<file>')
    .replace(POINTER, '')
    .replace(SECRET, '<hidden>')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this removes
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f]/g, '')
    .replace(/ +\]/g, ']')
    .trim()
  return text.length > MAX_LENGTH ? `…${text.slice(1 - MAX_LENGTH)}` : text
}
