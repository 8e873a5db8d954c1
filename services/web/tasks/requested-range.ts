/** A single range of bytes; `end` is the last byte, as in Content-Range. */
export type RequestedRange = { start: number; end: number }

/**
 * The range that a `Range` header requests of a file of `bytes` bytes (RFC 9110, section 14.1.2). Undefined for the whole
 * file, which is also the reply to several ranges at once and to units other than bytes; `unsatisfiable` for a range
 * outside the file. A suffix longer than the file is all of it. Pure.
 */
export function requestedRange(
  header: string | undefined,
  bytes: number,
): RequestedRange | 'unsatisfiable' | undefined {
  const [, first, last] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? '') ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  if (first === '') {
    const length = Number(last)
    return length === 0 || bytes === 0
      ? 'unsatisfiable'
      : { start: Math.max(0, bytes - length), end: bytes - 1 }
  }
  const start = Number(first)
  const end = last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1)
  // A range that ends before it starts is invalid, and ignored.
  if (last !== '' && Number(last) < start) return undefined
  return start >= bytes ? 'unsatisfiable' : { start, end }
}
