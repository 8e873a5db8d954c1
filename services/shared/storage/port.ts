import type { Readable } from 'node:stream'

/** An object's metadata. `crc32c` is the big-endian checksum in base64, as Cloud Storage reports it. */
export type ObjectInfo = {
  key: string
  bytes: number
  contentType: string
  crc32c: string
  createdAt: Date
}

/** A range of bytes with both ends inclusive, as in an HTTP Range header. */
export type ByteRange = { start: number; end: number }

/** A URL to which a client PUTs the bytes of one object, whole or in resumable chunks, with these headers. */
export type UploadTarget = { method: 'PUT'; url: string; headers: Record<string, string>; expiresAt: Date }

/**
 * Stores objects, which are created once, as a whole, and never changed. Keys are relative paths of [A-Za-z0-9._/-]
 * without empty, `.` or `..` segments; any other key is a bug and throws CutroomError `internal.bug`. Every method
 * throws `storage.unavailable` when the store fails.
 */
export type Storage = {
  /**
   * Creates an object from a stream, all or nothing: no reader ever sees part of it, and a failed stream or an aborted
   * signal leaves nothing behind. The stream is destroyed on every failure.
   *
   * @throws CutroomError `storage.exists` when the key is taken, `request.too_large` beyond maxBytes,
   * `media.disk_full`; the signal's reason after an abort; the stream's own error unchanged.
   */
  create(
    key: string,
    body: Readable,
    options: { contentType: string; maxBytes?: number; signal?: AbortSignal },
  ): Promise<ObjectInfo>
  /**
   * Opens an object, or a range of it, for reading. The range may end beyond the last byte.
   *
   * @throws CutroomError `storage.not_found`, or `request.range_not_satisfiable` when the range starts beyond the last byte.
   */
  read(key: string, options?: { range?: ByteRange; signal?: AbortSignal }): Promise<Readable>
  /** An object's metadata, or undefined when there is no such object. */
  stat(key: string): Promise<ObjectInfo | undefined>
  /** All objects whose key starts with the prefix, in key order, fetched page by page. */
  list(prefix: string): AsyncIterable<ObjectInfo>
  /** Removes an object, if it exists. */
  remove(key: string): Promise<void>
  /**
   * Opens an upload of one object of at most maxBytes by the protocol of a Cloud Storage resumable session: PUT it
   * whole, or in chunks with Content-Range. The object appears once all bytes have arrived; an existing object stays
   * as it is. Cloud Storage cannot limit the size of a session, so whoever uses an upload must compare
   * `stat(key).bytes` with the limit.
   */
  uploadTarget(
    key: string,
    options: { contentType: string; maxBytes: number; expiresInSeconds: number },
  ): Promise<UploadTarget>
  /** A signed URL of an object; undefined when the store has none and web must stream the object itself. */
  downloadUrl(
    key: string,
    options: { fileName: string; contentType: string; expiresInSeconds: number },
  ): Promise<string | undefined>
  /**
   * Removes incomplete uploads and objects that were last written to before the given time; returns how many. A store
   * that expires them by itself leaves this out.
   */
  removeStalePartials?(olderThan: Date): Promise<number>
  /**
   * The path of the file that holds an object's bytes, which nobody may change; undefined when there is no such object. A store
   * that keeps no file which this machine can read leaves this out.
   */
  filePath?(key: string): Promise<string | undefined>
  /** Bytes that can still be stored; a store without a known limit leaves this out. */
  freeBytes?(): Promise<number>
  /** @throws CutroomError `storage.unavailable` when the store cannot be used now. */
  check(): Promise<void>
  close(): Promise<void>
}
