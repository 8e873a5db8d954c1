import { create } from 'content-disposition'

/**
 * The Content-Disposition header that downloads a file under this name, by RFC 6266. The name may come from a user:
 * slashes, quotes and control characters are replaced, and so are lone surrogates, which UTF-8 cannot encode.
 */
export function attachment(fileName: string): string {
  return create(fileName.toWellFormed().replace(/[\p{Cc}\p{Zl}\p{Zp}"\\/]/gu, '_') || 'download')
}
