import { tooLarge } from './append-to-file.ts'

/** The start of a stream, and what follows: undefined when the stream ended within the head. */
export type BufferedHead = { head: Buffer[]; rest: AsyncGenerator<Buffer> | undefined }

/** Reads a stream until it ended or gave `size` bytes, which may run over by a chunk. */
export async function bufferHead(chunks: AsyncGenerator<Buffer>, size: number): Promise<BufferedHead> {
  const taken: Buffer[] = []
  let bytes = 0
  while (bytes < size) {
    const { value, done } = await chunks.next()
    if (done) return { head: taken, rest: undefined }
    taken.push(value)
    bytes += value.length
  }
  return { head: taken, rest: chunks }
}

/** The chunks of a stream up to a size. Throws `request.too_large` at the first chunk beyond it. */
export async function* limited(
  body: AsyncIterable<Uint8Array | string>,
  key: string,
  maxBytes: number,
): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const piece of body) {
    const chunk =
      typeof piece === 'string'
        ? Buffer.from(piece)
        : Buffer.from(piece.buffer, piece.byteOffset, piece.length)
    bytes += chunk.length
    if (bytes > maxBytes) throw tooLarge(key, maxBytes)
    yield chunk
  }
}
