import { tooLarge } from './append-to-file.ts'

/** The first chunks of a stream and its remainder, which is undefined when the stream ended within the head. */
export type BufferedHead = { head: Buffer[]; rest: AsyncGenerator<Buffer> | undefined }

/** Reads a stream until it ends or has returned `size` bytes; the last chunk may exceed that. */
export async function bufferHead(chunks: AsyncGenerator<Buffer>, size: number): Promise<BufferedHead> {
  const head: Buffer[] = []
  let bytes = 0
  while (bytes < size) {
    const { value, done } = await chunks.next()
    if (done) return { head, rest: undefined }
    head.push(value)
    bytes += value.length
  }
  return { head, rest: chunks }
}

/** The chunks of a stream. @throws CutroomError `request.too_large` at the first chunk beyond maxBytes. */
export async function* limited(
  body: AsyncIterable<Uint8Array | string>,
  key: string,
  maxBytes: number,
): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const data of body) {
    const chunk =
      typeof data === 'string' ? Buffer.from(data) : Buffer.from(data.buffer, data.byteOffset, data.length)
    bytes += chunk.length
    if (bytes > maxBytes) throw tooLarge(key, maxBytes)
    yield chunk
  }
}
