import type { ByteRange } from '../storage/port.ts'

/** What a Range header requests: a range, the whole file, or bytes that the file does not have (416). */
export type RequestedRange = ByteRange | 'whole' | 'unsatisfiable'

/**
 * Applies a Range header to a file of a size in bytes. Anything but one range of bytes counts as no header, as
 * RFC 9110 allows: https://www.rfc-editor.org/rfc/rfc9110#name-range
 */
export function parseRange(header: string | undefined, size: number): RequestedRange {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? []
  if (first === '' && last === '') return 'whole'
  if (first === '') return suffixRange(Number(last), size)
  const start = Number(first)
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (last !== '' && Number(last) < start) return 'whole'
  return start < size ? { start, end } : 'unsatisfiable'
}

/** The last `length` bytes. */
const suffixRange = (length: number, size: number): RequestedRange =>
  length === 0 ? 'unsatisfiable' : { start: Math.max(0, size - length), end: size - 1 }

/** The range in the Content-Range header of a 206, and the size of the whole file when the server states it. */
export function parseContentRange(header: string | undefined): (ByteRange & { size?: number }) | undefined {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(header?.trim() ?? '')
  if (!match) return undefined
  const range = { start: Number(match[1]), end: Number(match[2]) }
  return match[3] === '*' ? range : { ...range, size: Number(match[3]) }
}

/** Length of a range in bytes. */
export const rangeLength = ({ start, end }: ByteRange): number => end - start + 1
