import type { Readable } from 'node:stream'

/** What storage knows of an object. `crc32c` is base64 of the big-endian checksum, as Cloud Storage gives it. */
export type ObjectInfo = {
  key: string
  bytes: number
  contentType: string
  crc32c: string
  createdAt: Date
}

/** Both ends inclusive, in bytes, as in an HTTP Range header. */
export type ByteRange = { start: number; end: number }

/** A place where a client PUTs the bytes of one object by itself, whole or in resumable chunks. */
export type UploadTarget = { method: 'PUT'; url: string; headers: Record<string, string>; expiresAt: Date }

/**
 * Objects are made once, whole, and never changed. Keys are relative paths of [A-Za-z0-9._/-] without empty,
 * `.` or `..` segments; any other key is a bug of the caller and throws `internal.bug`.
 */
export type Storage = {
  /**
   * Makes an object from a stream, all or nothing: no reader ever sees half of it, and a failed stream or an
   * aborted signal leaves nothing. Throws `storage.exists` when the key is taken, `request.too_large` past
   * maxBytes, `media.disk_full` or `storage.unavailable` when the store fails, the signal's reason when it
   * was aborted, and the stream's own error as it is. The stream is destroyed in every failure.
   */
  create(
    key: string,
    body: Readable,
    options: { contentType: string; maxBytes?: number; signal?: AbortSignal },
  ): Promise<ObjectInfo>
  /**
   * The bytes of an object, or of a range of them; a range may end beyond the last byte. Throws
   * `storage.not_found`, and `request.range_not_satisfiable` when the range starts beyond the last byte.
   */
  read(key: string, options?: { range?: ByteRange; signal?: AbortSignal }): Promise<Readable>
  /** What is known of an object, or undefined when there is none. */
  stat(key: string): Promise<ObjectInfo | undefined>
  /** Every object below a prefix, in key order, one page fetched at a time. */
  list(prefix: string): AsyncIterable<ObjectInfo>
  /** Removes an object. Removing what is not there is no error. */
  remove(key: string): Promise<void>
  /**
   * A place for a client to PUT an object of at most maxBytes, whole or in chunks with Content-Range, by the
   * protocol of a Cloud Storage resumable session. The object appears when all bytes are in; a taken key
   * stays as it was. A Cloud Storage session cannot be held to a size, so whoever takes an upload up compares
   * `stat(key).bytes` with what was allowed.
   */
  uploadTarget(
    key: string,
    options: { contentType: string; maxBytes: number; expiresInSeconds: number },
  ): Promise<UploadTarget>
  /** A link that gives the bytes to whoever holds it; undefined when the store has none and web must stream. */
  downloadUrl(
    key: string,
    options: { fileName: string; contentType: string; expiresInSeconds: number },
  ): Promise<string | undefined>
  /**
   * Removes uploads and objects that were begun and last written to before a time; returns how many. Left
   * out by a store that forgets them by itself.
   */
  removeStalePartials?(olderThan: Date): Promise<number>
  /** Throws `storage.unavailable` when the store cannot be used now. */
  check(): Promise<void>
  close(): Promise<void>
}
