import type { ByteRange } from '#shared/storage/port.ts'

/** A remote file that can be read in ranges. */
export type RangedBytes = {
  /** In bytes. */
  size: number
  /** The ETag or modification date by which the host knows this version of the file, if it tells one. */
  tag?: string | undefined
  /** The host, or "storage"; error messages use it. */
  name: string
  /**
   * The bytes of a range, in order; fewer when the connection ends early. `attempt` counts from 1 for each block and
   * starts again whenever bytes arrive.
   * @throws CutroomError, or the signal's reason when aborted.
   */
  read(range: ByteRange, options: { signal: AbortSignal; attempt: number }): AsyncIterable<Buffer>
}
