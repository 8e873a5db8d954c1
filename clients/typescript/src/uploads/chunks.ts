/** The multiple of 256 KiB that Cloud Storage requires, and small enough to hold in memory and to send again. */
export const CHUNK_BYTES = 8 * 1024 * 1024

/** A part of a file: its first byte's index, and the size of the whole file once the source has ended. */
export type Chunk = { start: number; body: Blob; total: number | undefined }

/** A file to send, read in order. `size` is known in advance unless it is a stream. */
export type ChunkSource = {
  size: number | undefined
  /** The chunk from `start`, which never goes back behind an earlier `start`. */
  read(start: number): Promise<Chunk>
}

/** Chunks of something whose bytes can be read anywhere. */
export function chunksOfBlob(blob: Blob, chunkBytes = CHUNK_BYTES): ChunkSource {
  return {
    size: blob.size,
    read: async (start) => ({ start, body: blob.slice(start, start + chunkBytes), total: blob.size }),
  }
}

/** Chunks of a stream, of which the one being sent is kept, so that it can be sent again. */
export function chunksOfStream(stream: AsyncIterable<Uint8Array>, chunkBytes = CHUNK_BYTES): ChunkSource {
  const iterator = stream[Symbol.asyncIterator]()
  let kept = new Blob([])
  let keptFrom = 0
  let ended = false

  /** Reads until there is one byte more than a chunk, so that the last chunk is known to be the last. */
  async function fill(): Promise<void> {
    const parts: (Blob | Uint8Array<ArrayBuffer>)[] = [kept]
    let bytes = kept.size
    while (!ended && bytes <= chunkBytes) {
      const { done, value } = await iterator.next()
      if (done) ended = true
      else {
        parts.push(value as Uint8Array<ArrayBuffer>)
        bytes += value.byteLength
      }
    }
    kept = new Blob(parts)
  }

  return {
    size: undefined,
    async read(start) {
      kept = kept.slice(start - keptFrom)
      keptFrom = start
      await fill()
      const total = ended && kept.size <= chunkBytes ? keptFrom + kept.size : undefined
      return { start, body: kept.slice(0, chunkBytes), total }
    },
  }
}
