import { mkdir, open, readdir, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { addAbortSignal, type Readable } from 'node:stream'
import { CutroomError } from '../errors.ts'
import { appendToFile } from './append-to-file.ts'
import { createCrc32c } from './crc32c.ts'
import { hasCode, withDiskErrors } from './disk-errors.ts'
import {
  bytesFile,
  commit,
  OBJECT_SUFFIX,
  OWNER_ONLY,
  objectDir,
  objectsDir,
  openPartial,
  partialDir,
  readInfo,
  removeObject,
} from './disk-layout.ts'
import { checkKey, checkPrefix } from './keys.ts'
import type { ByteRange, ObjectInfo, Storage } from './port.ts'
import { removeStalePartials } from './stale-partials.ts'
import { signUploadLink } from './upload-link.ts'

export type DiskOptions = {
  /** Root of the store, created when missing. Must be one file system, because objects are renamed. */
  dir: string
  /** Web's public URL, which accepts uploads at /uploads/content/. No trailing slash. */
  publicUrl: string
  signingSecret: string
}

/** Storage on a local disk. Web itself receives the uploads (receiveUpload) and streams the downloads. */
export function createDiskStorage({ dir, publicUrl, signingSecret }: DiskOptions): Storage {
  return {
    create: (key, body, options) => createObject(dir, key, body, options),
    read: async (key, options = {}) => readObject(dir, checkKey(key), options),
    stat: async (key) => withDiskErrors(`inspect ${key}`, () => readInfo(dir, checkKey(key))),
    filePath: async (key) =>
      withDiskErrors(`inspect ${key}`, async () => {
        const info = await readInfo(dir, checkKey(key))
        return info && bytesFile(objectDir(dir, key))
      }),
    list: (prefix) => listObjects(dir, checkPrefix(prefix)),
    remove: async (key) => withDiskErrors(`remove ${key}`, () => removeObject(dir, checkKey(key))),
    async uploadTarget(key, { contentType, maxBytes, expiresInSeconds }) {
      const expiresAt = new Date((Math.floor(Date.now() / 1000) + expiresInSeconds) * 1000)
      const path = signUploadLink({ key, maxBytes, contentType, expiresAt }, signingSecret)
      return { method: 'PUT', url: publicUrl + path, headers: { 'content-type': contentType }, expiresAt }
    },
    downloadUrl: async () => undefined,
    removeStalePartials: (olderThan) => removeStalePartials(dir, olderThan),
    freeBytes: () =>
      withDiskErrors(`use the storage in ${dir}`, async () => {
        await mkdir(dir, { recursive: true })
        const { bavail, bsize } = await statfs(dir)
        return bavail * bsize
      }),
    async check() {
      await withDiskErrors(`use the storage in ${dir}`, async () => {
        for (const path of [objectsDir(dir), partialDir(dir)])
          await mkdir(path, { recursive: true, mode: OWNER_ONLY })
        await rm(await openPartial(dir), { recursive: true })
      })
    },
    async close() {},
  }
}

async function createObject(
  dir: string,
  key: string,
  body: Readable,
  { contentType, maxBytes = Number.POSITIVE_INFINITY, signal }: Parameters<Storage['create']>[2],
): Promise<ObjectInfo> {
  // A stream may fail before it is read; without a listener, its error event would end the process.
  body.on('error', () => {})
  if (signal) addAbortSignal(signal, body)
  try {
    await requireAbsent(dir, checkKey(key))
    return await inPartial(dir, key, async (partial) => {
      const written = await writeBytes(partial, body, key, maxBytes)
      signal?.throwIfAborted()
      const info = { key, ...written, contentType, createdAt: new Date() }
      await withDiskErrors(`store ${key}`, () => commit(dir, partial, info))
      return info
    })
  } catch (thrown) {
    body.destroy()
    signal?.throwIfAborted()
    throw thrown
  }
}

/** Creates a partial directory to build an object in, and removes it when that fails. */
async function inPartial<T>(dir: string, key: string, build: (partial: string) => Promise<T>): Promise<T> {
  const partial = await withDiskErrors(`store ${key}`, () => openPartial(dir))
  try {
    return await build(partial)
  } catch (thrown) {
    await rm(partial, { recursive: true, force: true })
    throw thrown
  }
}

/** Fails before the body is read in vain; races are decided by the commit. */
async function requireAbsent(dir: string, key: string): Promise<void> {
  if (await withDiskErrors(`inspect ${key}`, () => readInfo(dir, key))) {
    throw new CutroomError('storage.exists', `An object ${key} already exists.`)
  }
}

async function writeBytes(partial: string, body: Readable, key: string, maxBytes: number) {
  const crc = createCrc32c()
  const file = await withDiskErrors(`store ${key}`, () => open(bytesFile(partial), 'wx'))
  try {
    const bytes = await appendToFile(body, file, { key, maxBytes, onChunk: crc.update })
    await withDiskErrors(`store ${key}`, () => file.sync())
    return { bytes, crc32c: crc.digest() }
  } finally {
    await file.close()
  }
}

/** Read at a time. Four times the default, which takes a quarter more processor time to serve a source to ffmpeg. */
const READ_BYTES = 256 * 1024
/** Ranges up to this size are read as one chunk, which whoever wants the whole range need not put together. */
const WHOLE_RANGE_BYTES = 1024 ** 2

/** Bytes to read at a time of a range. */
const readSize = (range: ByteRange | undefined): number => {
  const bytes = range ? range.end - range.start + 1 : Number.POSITIVE_INFINITY
  return bytes <= WHOLE_RANGE_BYTES ? bytes : READ_BYTES
}

async function readObject(
  dir: string,
  key: string,
  { range, signal }: { range?: ByteRange; signal?: AbortSignal },
): Promise<Readable> {
  signal?.throwIfAborted()
  return await withDiskErrors(`read ${key}`, async () => {
    const info = await readInfo(dir, key)
    if (!info) throw notFound(key)
    if (range && (range.start >= info.bytes || range.end < range.start)) throw rangeError(key, info.bytes)
    const file = await open(bytesFile(objectDir(dir, key)), 'r').catch((thrown) => {
      throw hasCode(thrown, 'ENOENT') ? notFound(key) : thrown
    })
    return file.createReadStream({ ...range, ...(signal && { signal }), highWaterMark: readSize(range) })
  })
}

/** Walks the tree in key order: a directory sorts as its name plus the slash that follows it in every key below. */
async function* listObjects(dir: string, prefix: string): AsyncIterable<ObjectInfo> {
  const parent = prefix.slice(0, prefix.lastIndexOf('/') + 1)
  const names = await withDiskErrors(`list ${prefix}`, () => namesIn(join(objectsDir(dir), parent)))
  for (const name of names) {
    const key = parent + name
    if (key.endsWith('/')) {
      if (key.startsWith(prefix)) yield* listObjects(dir, key)
    } else if (key.startsWith(prefix)) {
      const info = await withDiskErrors(`inspect ${key}`, () => readInfo(dir, key))
      if (info) yield info
    }
  }
}

/** The entries of a directory in key order; subdirectories end with a slash. */
async function namesIn(path: string): Promise<string[]> {
  const names = await readdir(path).catch((thrown) => {
    if (hasCode(thrown, 'ENOENT')) return []
    throw thrown
  })
  return names
    .map((name) => (name.endsWith(OBJECT_SUFFIX) ? name.slice(0, -OBJECT_SUFFIX.length) : `${name}/`))
    .sort()
}

function notFound(key: string): CutroomError {
  return new CutroomError('storage.not_found', `There is no object ${key}.`)
}

function rangeError(key: string, bytes: number): CutroomError {
  return new CutroomError(
    'request.range_not_satisfiable',
    `The range is not within the ${bytes} bytes of ${key}.`,
    {
      headers: { 'content-range': `bytes */${bytes}` },
    },
  )
}
