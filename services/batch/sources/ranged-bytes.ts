import type { ByteRange } from '#shared/storage/port.ts'

/** A file somewhere else, of which any range can be read. */
export type RangedBytes = {
  /** In bytes. */
  size: number
  /** For messages: a host, or a key. */
  name: string
  /**
   * The bytes of a range, in order; fewer when the far end breaks off. `attempt` counts from 1 within one
   * stretch of bytes. Fails with a CutroomError, or with the signal's reason.
   */
  read(range: ByteRange, options: { signal: AbortSignal; attempt: number }): AsyncIterable<Buffer>
}
