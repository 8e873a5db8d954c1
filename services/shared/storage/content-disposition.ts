/**
 * The Content-Disposition of a download under a person's own file name, by RFC 6266 and RFC 5987: an ASCII
 * name for old clients, the true one in UTF-8. Folders, quotes and control characters are taken out. Pure.
 */
export function attachment(fileName: string): string {
  // A lone half of a surrogate pair cannot be written in UTF-8.
  const name = fileName.toWellFormed().replace(/[\p{Cc}\p{Zl}\p{Zp}"\\/]/gu, '_') || 'download'
  const ascii = name.replace(/[^\x20-\x7e]/gu, '_').replaceAll('%', '_')
  const utf8 = encodeURIComponent(name).replace(/['()*]/g, percent)
  return `attachment; filename="${ascii}"; filename*=UTF-8''${utf8}`
}

const percent = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
