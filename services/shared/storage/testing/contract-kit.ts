import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from '@jest/globals'
import type { ErrorCode } from '../../errors.ts'
import type { ByteRange, ObjectInfo, Storage } from '../port.ts'

/** A store under test, opened for one test. */
export type StoreUnderTest = {
  storage: Storage
  close(): Promise<void>
  /** Makes every operation of the store fail from now on. */
  outage?(): Promise<void>
}

/** Pseudo-random bytes, so that a shifted or repeated block is noticed. */
export function pattern(length: number, seed = 1): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  let value = seed
  for (let i = 0; i < length; i++) {
    value = (value * 69_069 + 1) & 0x7fffffff
    bytes[i] = value >>> 16
  }
  return bytes
}

/** A stream of one chunk. */
export const streamOf = (bytes: Buffer | string) => Readable.from([Buffer.from(bytes)], { objectMode: false })

/** Creates an object of no particular type. */
export function put(storage: Storage, key: string, bytes: Buffer | string): Promise<ObjectInfo> {
  return storage.create(key, streamOf(bytes), { contentType: 'application/octet-stream' })
}

/** Reads an object, or a range of it. */
export async function get(storage: Storage, key: string, range?: ByteRange): Promise<Buffer> {
  return buffer(await storage.read(key, range && { range }))
}

export async function keysBelow(storage: Storage, prefix: string): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of storage.list(prefix)) keys.push(key)
  return keys
}

/** Matches a CutroomError by its code. */
export const coded = (code: ErrorCode) => expect.objectContaining({ code })

/** Megabytes of buffers that are still referenced after a garbage collection. */
export function heldMegabytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc')
  // The first collection frees buffers in the background; the second waits for it.
  collect()
  collect()
  return process.memoryUsage().arrayBuffers / 1e6
}
