/** Bytes that arrive in chunks of any size, taken in the sizes that a format has. */
export type ByteReader = {
  /** The next bytes; undefined when fewer are left. */
  take(count: number): Promise<Buffer | undefined>
  /** Passes over bytes. Returns how many there were. */
  skip(count: number): Promise<number>
  /** Ends the reading before the end. */
  close(): Promise<void>
}

/** Reads chunks in the order in which they arrive, and no more of them than are asked for. */
export function createByteReader(chunks: AsyncIterable<Uint8Array>): ByteReader {
  const source = chunks[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)

  async function next(): Promise<Buffer | undefined> {
    const { value, done } = await source.next()
    return done ? undefined : Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  }

  return {
    async take(count) {
      const taken = [rest]
      let length = rest.length
      while (length < count) {
        const chunk = await next()
        if (!chunk) return undefined
        taken.push(chunk)
        length += chunk.length
      }
      const bytes = taken.length === 1 ? rest : Buffer.concat(taken)
      rest = bytes.subarray(count)
      return bytes.subarray(0, count)
    },
    async skip(count) {
      let skipped = Math.min(count, rest.length)
      rest = rest.subarray(skipped)
      while (skipped < count) {
        const chunk = await next()
        if (!chunk) break
        const part = Math.min(count - skipped, chunk.length)
        rest = chunk.subarray(part)
        skipped += part
      }
      return skipped
    },
    async close() {
      await source.return?.()
    },
  }
}
