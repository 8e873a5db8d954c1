import type { ByteRange } from '#shared/storage/port.ts'

/** What a Range header asks of a file: a range, all of it, or something that is not in it. */
export type RequestedRange = ByteRange | 'all' | 'not-in-file'

/**
 * A Range header against a size in bytes. Anything but one range of bytes counts as no header at all, as
 * RFC 9110 wants it.
 */
export function parseRange(header: string | undefined, bytes: number): RequestedRange {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? []
  if (from === '' && to === '') return 'all'
  if (from === '')
    return Number(to) === 0 ? 'not-in-file' : { start: Math.max(0, bytes - Number(to)), end: bytes - 1 }
  const start = Number(from)
  const end = to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1)
  if (to !== '' && Number(to) < start) return 'all'
  return start < bytes ? { start, end } : 'not-in-file'
}

/** A Content-Range header: which bytes a 206 holds, and the whole size where the server knows it. */
export function parseContentRange(header: string | undefined): (ByteRange & { bytes?: number }) | undefined {
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/i.exec(header?.trim() ?? '')
  if (!match) return undefined
  const range = { start: Number(match[1]), end: Number(match[2]) }
  return match[3] === '*' ? range : { ...range, bytes: Number(match[3]) }
}

export const rangeLength = ({ start, end }: ByteRange): number => end - start + 1
