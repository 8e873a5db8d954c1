import type { IncomingMessage, ServerResponse } from 'node:http'
import { parseRange, rangeLength } from '#shared/http/byte-ranges.ts'

/**
 * Answers with a file, or the range of it that was requested, but sends no byte at or after `gate` before `opened`
 * resolves. The gate is a position in the file, not in the response: a range that starts before it and ends after it is
 * sent up to the gate and then stalls.
 */
export async function sendGated(
  data: Buffer,
  { gate, opened, contentType }: { gate: number; opened: Promise<void>; contentType: string },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const range = parseRange(request.headers.range, data.length)
  if (range === 'unsatisfiable') {
    response.writeHead(416, { 'content-range': `bytes */${data.length}` }).end()
    return
  }
  const { start, end } = range === 'whole' ? { start: 0, end: data.length - 1 } : range
  response.writeHead(range === 'whole' ? 200 : 206, {
    'content-type': contentType,
    'content-length': rangeLength({ start, end }),
    ...(range !== 'whole' && { 'content-range': `bytes ${start}-${end}/${data.length}` }),
  })
  response.flushHeaders()
  if (start < gate) response.write(data.subarray(start, Math.min(gate, end + 1)))
  if (end >= gate) await opened
  response.end(data.subarray(Math.max(start, gate), end + 1))
}
