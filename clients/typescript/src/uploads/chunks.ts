/** Chunks other than the last must be multiples of this, as in Cloud Storage. */
const CHUNK_UNIT = 256 * 1024
/** Small enough to hold in memory and to send again. */
export const CHUNK_BYTES = 32 * CHUNK_UNIT
const MIN_CHUNK = 4 * CHUNK_UNIT
const MAX_CHUNK = 128 * CHUNK_UNIT
/** A chunk should take about this long: a lost connection repeats no more. */
const CHUNK_SECONDS = 4

/** How large a chunk is at a speed in bytes per second, where the speed is measured. Pure. */
export function chunkBytesAt(speed = 0): number {
  const wanted = Math.min(Math.max(speed * CHUNK_SECONDS, MIN_CHUNK), MAX_CHUNK)
  return wanted - (wanted % CHUNK_UNIT)
}

/** A part of a file: its first byte's index, and the size of the whole file once the source has ended. */
export type Chunk = { start: number; body: Blob; total: number | undefined }

/** A file to send, read in order. `size` is known in advance unless it is a stream. */
export type ChunkSource = {
  size: number | undefined
  /** The chunk of at most `bytes` from `start`, which never goes back behind an earlier `start`. */
  read(start: number, bytes?: number): Promise<Chunk>
}

/** Chunks of something whose bytes can be read anywhere. */
export function chunksOfBlob(blob: Blob, chunkBytes = CHUNK_BYTES): ChunkSource {
  return {
    size: blob.size,
    read: async (start, bytes = chunkBytes) => ({
      start,
      body: blob.slice(start, start + bytes),
      total: blob.size,
    }),
  }
}

/** Chunks of a stream, of which the one being sent is kept, so that it can be sent again. */
export function chunksOfStream(stream: AsyncIterable<Uint8Array>, chunkBytes = CHUNK_BYTES): ChunkSource {
  const iterator = stream[Symbol.asyncIterator]()
  let kept = new Blob([])
  let keptFrom = 0
  let ended = false

  /** Reads until there is one byte more than a chunk, so that the last chunk is known to be the last. */
  async function fill(wanted: number): Promise<void> {
    const parts: (Blob | Uint8Array<ArrayBuffer>)[] = [kept]
    let bytes = kept.size
    while (!ended && bytes <= wanted) {
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
    async read(start, wanted = chunkBytes) {
      kept = kept.slice(start - keptFrom)
      keptFrom = start
      await fill(wanted)
      const total = ended && kept.size <= wanted ? keptFrom + kept.size : undefined
      return { start, body: kept.slice(0, wanted), total }
    },
  }
}
